// Package cli is the command line: it parses flags, calls the packages below
// pkg/, and prints. It is the only package that touches the environment, the
// standard streams and the working directory, and that only in [SystemApp].
//
// # How a command is written
//
// One file a command: an options struct, a constructor, and run.
//
//	type historyOptions struct {
//		release string
//		max     int
//		output  outputFormat
//	}
//
//	func newHistoryCmd(s *session) *cobra.Command {
//		o := historyOptions{}
//		cmd := &cobra.Command{
//			Use:   "history RELEASE_NAME",
//			Short: "list the revisions of a release",
//			Args:  exactArgs(1),
//			RunE: func(cmd *cobra.Command, args []string) error {
//				o.release = args[0]
//				return o.run(cmd.Context(), s)
//			},
//		}
//		f := cmd.Flags()
//		f.IntVar(&o.max, "max", 256, "...")
//		s.addOutputFlag(cmd, &o.output)
//		return cmd
//	}
//
//	func (o *historyOptions) run(ctx context.Context, s *session) error { ... }
//
// The constructor only declares and checks flags. The command is listed in
// newRootCmd. What run needs comes with the [session]: streams (In, Out, Err),
// the clock (Now), files (path, readInput), the global flags (Settings), the
// namespace, the cluster (connect) and the logger (Log), which writes to
// standard error: WARN and INFO always, DEBUG with --debug.
//
// Results go to s.Out, everything else to s.Log or s.Err. Errors are returned,
// never printed: [Run] prints "Error: ..." and the hint that hints.go has for
// the error, and returns the exit code 1. A flag that is deprecated is marked
// so with deprecate; its notice goes to standard error.
//
// # Groups of flags
//
// Each group is a struct whose add method declares the flags:
//
//   - valueFlags: -f, --set and siblings; collect returns the user's values.
//   - waitFlags: --wait[=watcher|hookOnly], --wait-for-jobs, --timeout.
//   - dryRunFlag: --dry-run[=none|client|server]; resolve tells which.
//   - outputFormat with addOutputFlag: -o table|json|yaml and kubectl's
//     expressions; write prints a listing, all of whose forms are one value.
//   - nameFlags: --generate-name, --name-template, and the arguments [NAME] CHART.
//   - locateChart, loadChart and loadInstallable find and read the CHART
//     argument.
//
// # Tests
//
// Behaviour is tested by scripts, which run the real program: testdata/script.
// PACK_UPDATE=1 rewrites the outputs that they expect.
package cli
