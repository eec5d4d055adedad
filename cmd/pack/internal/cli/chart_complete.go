package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// noMoreArgs is the completion of commands whose arguments are complete. Shells
// that can show more than completions show why there are none.
func noMoreArgs(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return cobra.AppendActiveHelp(nil, "This command does not take any more arguments (but may accept flags)."),
		cobra.ShellCompDirectiveNoFileComp
}

// noMoreArgsAfter is the completion of commands with n arguments that cannot be
// completed.
func noMoreArgsAfter(n int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= n {
			return noMoreArgs(cmd, args, begun)
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFolder completes the paths of charts.
func completeFolder(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// completeOneFolder completes one path.
func completeOneFolder(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return noMoreArgs(cmd, args, begun)
	}
	return completeFolder(cmd, args, begun)
}

// completeChartAt completes the argument that names a chart, which is the
// at-th, counted from 0.
func (s *session) completeChartAt(at int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > at {
			return noMoreArgs(cmd, args, begun)
		}
		return s.chartNames(begun, true)
	}
}

// completeNameAndChart completes [NAME] CHART.
func (s *session) completeNameAndChart(name *nameFlags) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		at := 1
		if name.generate {
			at = 0
		}
		if len(args) != at {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return s.chartNames(begun, true)
	}
}

// chartNames are what a CHART argument can go on with: the charts of a
// repository, repositories, the beginnings of URLs, and files if they may be
// charts too. Nothing is fetched.
func (s *session) chartNames(begun string, files bool) ([]cobra.Completion, cobra.ShellCompDirective) {
	names, open := s.repositoryCharts(begun)
	directive := cobra.ShellCompDirectiveDefault
	for _, prefix := range []string{"oci://\tChart OCI prefix", "https://\tChart URL prefix", "http://\tChart URL prefix"} {
		switch scheme, _, _ := strings.Cut(prefix, "\t"); {
		case strings.HasPrefix(begun, scheme):
			directive |= cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		case strings.HasPrefix(scheme, begun):
			names, open = append(names, prefix), true
		}
	}
	if open {
		directive |= cobra.ShellCompDirectiveNoSpace
	}
	if !files {
		return names, directive | cobra.ShellCompDirectiveNoFileComp
	}
	return append(names, s.filesBeside(begun, len(names) > 0)...), directive
}

// filesBeside are the files that a shell would complete with by itself, were
// there nothing else.
func (s *session) filesBeside(begun string, others bool) []cobra.Completion {
	if begun == "" {
		return []cobra.Completion{"./\tRelative path prefix to local chart", "/\tAbsolute path prefix to local chart"}
	}
	if !others {
		return nil
	}
	entries, err := os.ReadDir(s.path("."))
	if err != nil {
		return nil
	}
	var names []cobra.Completion
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), begun) {
			names = append(names, e.Name())
		}
	}
	return names
}

// repositoryCharts are the charts of the repository that is named, or else the
// repositories that begin so; open says that these go on.
func (s *session) repositoryCharts(begun string) (names []cobra.Completion, open bool) {
	repositories, err := s.repositories()
	if err != nil {
		return nil, false
	}
	for e := range repositories.All() {
		if strings.HasPrefix(begun, e.Name+"/") {
			return s.chartsOf(e), false
		}
		if strings.HasPrefix(e.Name, begun) {
			names, open = append(names, e.Name+"/\t"+e.Redacted()), true
		}
	}
	return names, open
}

// chartsOf are the charts in the cached index of a repository.
func (s *session) chartsOf(e repo.Entry) []cobra.Completion {
	index, err := s.indexes().Open(e.Name)
	if err != nil {
		return nil
	}
	defer index.Close()
	var names []cobra.Completion
	for name, err := range index.Names() {
		if err != nil {
			return nil
		}
		names = append(names, e.Name+"/"+name)
	}
	return names
}

// completeVersion completes --version with the versions that the cached index
// has of the chart that was given.
func completeVersion(s *session, cmd *cobra.Command) {
	// It fails only for a flag that does not exist or has one already.
	_ = cmd.RegisterFlagCompletionFunc("version", func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ref, ok := chartArgument(cmd, args)
		if !ok {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		repository, name, ok := strings.Cut(ref, "/")
		if !ok || strings.Contains(name, "/") {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return s.versionsOf(repository, name), cobra.ShellCompDirectiveNoFileComp
	})
}

// chartArgument is the argument of cmd that names the chart, which its usage line
// tells: it must be the last so far.
func chartArgument(cmd *cobra.Command, args []string) (ref string, ok bool) {
	words := strings.Fields(cmd.Use)[1:]
	at := slices.IndexFunc(words, func(w string) bool { return strings.Trim(w, "[]") == "CHART" })
	if f := cmd.Flags().Lookup("generate-name"); f != nil && f.Changed {
		at--
	}
	if at < 0 {
		at = len(args) - 1
	}
	if at < 0 || at != len(args)-1 {
		return "", false
	}
	return args[at], true
}

func (s *session) versionsOf(repository, name string) []cobra.Completion {
	index, err := s.indexes().Open(repository)
	if err != nil {
		return nil
	}
	defer index.Close()
	var out []cobra.Completion
	for v, err := range index.Versions(name) {
		if err != nil {
			return nil
		}
		about := "Created: " + v.Created.Format("January 2, 2006") + " "
		if v.AppVersion != "" {
			about = fmt.Sprintf("App: %s, %s", v.AppVersion, about)
		}
		if v.Deprecated {
			about += "(deprecated)"
		}
		out = append(out, v.Version+"\t"+about)
	}
	return out
}
