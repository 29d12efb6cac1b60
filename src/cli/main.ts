import { Command, CommanderError } from 'commander';
import { InputError } from '../base/errors.js';
import { activationNamed } from '../network/activations.js';
import { packageVersion } from '../run/versions.js';
import { addAuditCommand } from './audit.js';
import { addBenchCommand } from './bench.js';
import { type CompareOptions, runCompare } from './compare.js';
import { type ConvertOptions, runConvert } from './convert.js';
import { type DemoOptions, runDemo } from './demo.js';
import { parseGrid } from './grid-option.js';
import { exitCodesOfSignals, Interrupted } from './interrupt.js';
import { type CommandIo, processIo } from './io.js';
import { addMinimalCommand } from './minimal.js';
import { commanderOptions, describeOption, recoverOptionTable } from './options.js';
import { addPairsCommand } from './pairs.js';
import { addPlaygroundCommand } from './playground.js';
import { addQueueCommand } from './queue.js';
import { type RecoverCommandOptions, runRecover } from './recover.js';
import { addRunCommands } from './run-commands.js';
import { addSuiteCommand } from './suite.js';
import { addTrainCommand } from './train.js';
import { addWildCommand } from './wild.js';
import { addWorkerCommand } from './worker.js';

/** The name of an activation on the command line. */
const activationOption = (name: string) => activationNamed(name).name;

/**
 * The command line. `args` are the words after `eac`. Returns the exit code: 0 done or identified, 3
 * imitated, 4 failed, 2 bad usage or input (one sentence on stderr), 130 stopped by Ctrl-C, 1 a defect of ours
 * (with its stack).
 */
export async function main(args: readonly string[], io: CommandIo = processIo): Promise<number> {
  let code = 0;
  const program = createProgram(io, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has printed its message
    if (error instanceof InputError) {
      io.stderr.write(`eac: ${error.message}\n`);
      return 2;
    }
    if (error instanceof Interrupted) {
      io.stderr.write(`eac: ${error.message}\n`);
      return exitCodesOfSignals[error.signal];
    }
    const stack = error instanceof Error ? error.stack : String(error);
    io.stderr.write(
      `eac: this is a defect of expand-and-cluster; please report it with the lines below\n${stack}\n`,
    );
    return 1;
  }
}

function createProgram(io: CommandIo, finish: (code: number) => void): Command {
  const program = new Command('eac')
    .description('Recovers an unknown neural network from its inputs and outputs alone.')
    .version(packageVersion())
    .exitOverride()
    .configureHelp({ optionDescription: describeOption })
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) =>
        write(
          `${text
            .trim()
            .replace(/^error:/, 'eac:')
            .replaceAll('\n', ' ')}\n`,
        ),
    });

  addRecoverCommand(program, io, finish);
  addNetworkCommands(program, io, finish);
  addDemoCommand(program, io, finish);
  addAuditCommand(program, io, finish);
  addMinimalCommand(program, io, finish);
  addPairsCommand(program, io, finish);
  addPlaygroundCommand(program, io, finish);
  addRunCommands(program, io, finish);
  addSuiteCommand(program, io, finish);
  addTrainCommand(program, io, finish);
  addWildCommand(program, io, finish);
  addBenchCommand(program, io, finish);
  addWorkerCommand(program, io, finish);
  addQueueCommand(program, io, finish);
  return program;
}

/** `eac recover`. */
function addRecoverCommand(program: Command, io: CommandIo, finish: (code: number) => void): void {
  const recover = program
    .command('recover')
    .description('recover a network; exit code 0 identified, 3 imitated, 4 failed')
    .argument(
      '[target]',
      'a model file (.onnx, .safetensors, .npz), a served model (http://…) or a function (file.mjs#name); only its answers are used',
    )
    .action(async (target: string | undefined, options: RecoverCommandOptions) => {
      finish(await runRecover(target, options, io));
    });
  for (const option of commanderOptions(recoverOptionTable)) recover.addOption(option);
}

/** `eac compare` and `eac convert`. */
function addNetworkCommands(program: Command, io: CommandIo, finish: (code: number) => void): void {
  program
    .command('compare')
    .description('measure how far a recovered network is from the true one')
    .argument('<recovered>', 'an .onnx, .safetensors, .npz or .nnet file, or a run folder')
    .argument('<truth>', 'the same')
    .option('--json', 'print one JSON object instead of the table', false)
    .option('--report', 'write the report of the run folder <recovered> again, with the truth in it', false)
    .option(
      '--activation <name>',
      'activation of weights in .safetensors and .npz files, which need not name it',
      activationOption,
    )
    .option(
      '--grid <rules>',
      'values that inputs take, as eac recover has them; a run folder knows its own',
      parseGrid,
    )
    .action(async (recovered: string, truth: string, options: CompareOptions) => {
      finish(await runCompare(recovered, truth, options, io));
    });

  program
    .command('convert')
    .description('write the weights of a network in another format')
    .argument('<network>', 'an .onnx, .safetensors, .npz or .nnet file, or a run folder')
    .argument('<file>', 'a new file: .onnx, .safetensors, .npz, .json, or of a ReLU network .nnet')
    .option('--activation <name>', 'activation of weights that do not name it', activationOption)
    .action(async (network: string, file: string, options: ConvertOptions) => {
      finish(await runConvert(network, file, options, io));
    });
}

/** `eac demo`. */
function addDemoCommand(program: Command, io: CommandIo, finish: (code: number) => void): void {
  const demo = program
    .command('demo')
    .description('recover an example and show it next to the truth')
    .action(async (options: DemoOptions) => {
      finish(await runDemo(options, io));
    });
  const demoOptions = recoverOptionTable.filter(({ flags }) => /^--(out|threads) /.test(flags));
  for (const option of commanderOptions(demoOptions)) demo.addOption(option);
}
