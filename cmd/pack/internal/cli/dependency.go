package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/dependency"
)

const dependencyLong = `Look after the dependencies of a chart: the charts in its charts folder.

Chart.yaml declares them, each with a repository and a range of versions:

    dependencies:
    - name: postgresql
      version: ^16
      repository: oci://registry.example.com/charts
    - name: common
      version: 1.2.3
      repository: "@stable"
    - name: shared
      version: ">=0.1.0"
      repository: file://../shared

A repository is a URL, @NAME or alias:NAME of one that "pack repo add" has added,
file:// with the path of a folder, or empty for a chart that lies in the charts
folder.

"update" settles the versions, fetches the charts and writes Chart.lock; "build"
fetches what Chart.lock names. Chart.lock also holds the digest of every archive,
which is checked. Helm passes over that.`

func newDependencyCmd(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "dependency",
		Aliases: []string{"dep", "dependencies"},
		Short:   "look after a chart's dependencies",
		Long:    dependencyLong,
	}
	subcommandsOnly(cmd)
	cmd.AddCommand(newDependencyBuildCmd(s), newDependencyListCmd(s), newDependencyUpdateCmd(s))
	return cmd
}

// dependencyOptions are what update and build have in common.
type dependencyOptions struct {
	net         netFlags
	verify      bool
	keyring     string
	skipRefresh bool
	offline     bool
}

func (o *dependencyOptions) add(s *session, cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.verify, "verify", false, "check the signatures of the charts")
	f.StringVar(&o.keyring, "keyring", s.defaultKeyring(), "file with the public keys for --verify")
	f.BoolVar(&o.skipRefresh, "skip-refresh", false, "use the cached indexes of repositories as they are")
	f.BoolVar(&o.offline, "offline", false, "fetch nothing: use what is in the caches and in the charts folder")
	o.net.add(f, "charts")
}

// run carries one of the commands out. policy is what --verify asks for.
func (o *dependencyOptions) run(ctx context.Context, s *session, policy repo.ProvenancePolicy,
	do func(*dependency.Manager, context.Context, dependency.Options) error,
) error {
	date, err := s.sourceDate()
	if err != nil {
		return err
	}
	cfg := s.dependencyConfig(s.Out, o.net.given(s), o.offline)
	if o.verify {
		if cfg.Keyring, err = s.readKeyring(o.keyring); err != nil {
			return err
		}
		cfg.Provenance = policy
	}
	return do(dependency.New(cfg), ctx, dependency.Options{SkipRefresh: o.skipRefresh, Offline: o.offline, ModTime: date})
}

// chartFolder is the folder that the argument [CHART] names.
func (s *session) chartFolder(args []string) string {
	if len(args) == 0 {
		return s.path(".")
	}
	return s.path(filepath.Clean(args[0]))
}

func newDependencyUpdateCmd(s *session) *cobra.Command {
	o := dependencyOptions{}
	cmd := &cobra.Command{
		Use:     "update [CHART]",
		Aliases: []string{"up"},
		Short:   "settle, lock and fetch the charts that Chart.yaml declares",
		Long: `Settle which charts the dependencies in Chart.yaml mean, put them into the charts
folder, and write down in Chart.lock which they are. Archives in the charts folder
that are not needed any more are removed. If anything fails, nothing has changed.

Local charts (file://) are packed; what they depend on themselves and lack is
fetched for them.`,
		Args:              maxArgs(1),
		ValidArgsFunction: completeFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, repo.ProvenanceMust, func(m *dependency.Manager, ctx context.Context, opts dependency.Options) error {
				return m.Update(ctx, s.chartFolder(args), opts)
			})
		},
	}
	o.add(s, cmd)
	return cmd
}

func newDependencyBuildCmd(s *session) *cobra.Command {
	o := dependencyOptions{}
	cmd := &cobra.Command{
		Use:   "build [CHART]",
		Short: "fetch the charts that Chart.lock names",
		Long: `Put the charts that Chart.lock names into the charts folder. Without Chart.lock
this is "pack dependency update".

What is in the cache is not fetched again, and then no repository is asked.`,
		Args:              maxArgs(1),
		ValidArgsFunction: completeFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, repo.ProvenanceIfPossible, func(m *dependency.Manager, ctx context.Context, opts dependency.Options) error {
				return m.Build(ctx, s.chartFolder(args), opts)
			})
		},
	}
	o.add(s, cmd)
	return cmd
}

func newDependencyListCmd(s *session) *cobra.Command {
	var width uint
	cmd := &cobra.Command{
		Use:     "list [CHART]",
		Aliases: []string{"ls"},
		Short:   "list a chart's dependencies and whether they are there",
		Long: `List the dependencies that a chart declares, and what is in its charts folder for
them: ok (an archive), unpacked (a folder), missing, wrong version and so on.`,
		Args:              maxArgs(1),
		ValidArgsFunction: completeFolder,
		RunE: func(_ *cobra.Command, args []string) error {
			return listDependencies(s, s.chartFolder(args), width)
		},
	}
	cmd.Flags().UintVar(&width, "max-col-width", 80, "width beyond which a column is cut; 0 is as wide as it takes")
	return cmd
}

func listDependencies(s *session, path string, width uint) error {
	list, warnings, err := dependency.List(path)
	if errors.Is(err, chart.ErrNotArchive) {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		return notArchive(f, path)
	}
	if err != nil {
		return err
	}
	if list == nil {
		s.print("WARNING: no dependencies at %s\n", filepath.Join(path, "charts"))
		return nil
	}
	t := &table{maxWidth: width}
	t.add("NAME", "VERSION", "REPOSITORY", "STATUS")
	for _, d := range list {
		t.add(d.Name, d.Version, d.Repository, d.Status)
	}
	if err := t.write(s.Out); err != nil {
		return err
	}
	s.print("\n")
	for _, w := range warnings {
		s.print("WARNING: %s\n", w)
	}
	return nil
}
