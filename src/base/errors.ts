/**
 * Something that the user gave is wrong: a file, an option, an argument or a target's answer. The message is
 * one sentence that names it, says what was found and what was expected. The command line prints the message
 * alone and exits with code 2; anything else that is thrown is a defect of ours.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
}
