package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// deprecate hides a flag, which is still accepted with a notice.
func deprecate(f *pflag.FlagSet, name, notice string) {
	// It fails only for a flag that does not exist.
	_ = f.MarkDeprecated(name, notice)
}

// alwaysOn takes a flag of Helm 3 for what is now always so.
func alwaysOn(f *pflag.FlagSet, name, notice string) {
	f.Bool(name, true, "deprecated")
	deprecate(f, name, notice)
}

// noticeKey is the annotation of a flag that holds its notice.
const noticeKey = "pack_deprecated"

// keepNotices takes the notices of deprecated flags out of cobra's hands for the
// command that args name: cobra would print them among the results.
func keepNotices(root *cobra.Command, args []string) {
	cmd, _, err := root.Find(args)
	if err != nil {
		return // ExecuteContext finds the same error
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Deprecated == "" {
			return
		}
		if f.Annotations == nil {
			f.Annotations = map[string][]string{}
		}
		f.Annotations[noticeKey] = []string{f.Deprecated}
		f.Deprecated = ""
	})
}

// noticeDeprecated prints the notices of the flags that were given.
func noticeDeprecated(cmd *cobra.Command, w io.Writer) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if notice := f.Annotations[noticeKey]; notice != nil {
			fmt.Fprintf(w, "Flag --%s has been deprecated, %s\n", f.Name, notice[0])
		}
	})
}
