/**
 * Lets the host end what takes long: called before every block of it, and what the host throws leaves the kernel. Results
 * that were being written are then worth nothing.
 */
@external("env", "pause")
export declare function pause(): void;
