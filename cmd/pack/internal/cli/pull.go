package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

type pullOptions struct {
	chart       chartFlags
	untar       bool
	untarDir    string
	provenance  bool
	destination string
	layout      string
}

const pullLong = `Fetch charts from repositories and registries and put their archives into a
folder, or, with --untar, unpacked.

A chart is given as REPOSITORY/NAME, for a repository that "pack repo add" has
added, as NAME with --repo URL, as the URL of an archive, or as
oci://HOST/PATH[:TAG][@DIGEST].

    $ pack pull bitnami/nginx --version '^15'
    $ pack pull oci://registry.example.com/charts/web:1.2.3 --untar

A chart that "--oci-layout DIR" or "pack registry copy" has put into a folder is
oci-layout:DIR[:NAME], here and wherever a chart is taken.

What an index or a registry says of the digest of an archive is checked. With
--verify it must be signed by a key in --keyring.`

func newPullCmd(s *session) *cobra.Command {
	o := pullOptions{}
	cmd := &cobra.Command{
		Use:     "pull [chart URL | repo/chartname] [...]",
		Aliases: []string{"fetch"},
		Short:   "fetch charts from repositories and registries",
		Long:    pullLong,
		Args:    atLeastOneArg,
		ValidArgsFunction: func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return s.chartNames(begun, false)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, ref := range args {
				if err := o.run(cmd.Context(), s, ref); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f := cmd.Flags()
	o.chart.add(s, cmd)
	f.BoolVar(&o.untar, "untar", false, "unpack the chart, and keep no archive")
	f.StringVar(&o.untarDir, "untardir", ".", "with --untar: folder that the chart's folder is made in; below --destination if it is no absolute path")
	f.BoolVar(&o.provenance, "prov", false, "fetch the provenance file too, without a check")
	f.StringVarP(&o.destination, "destination", "d", ".", "folder that the archive is written to")
	f.StringVar(&o.layout, "oci-layout", "", "copy the chart, and what signs it, from a registry into this folder, in the OCI image layout, instead of writing an archive")
	cmd.MarkFlagsMutuallyExclusive("oci-layout", "untar")
	return cmd
}

func (o *pullOptions) run(ctx context.Context, s *session, ref string) error {
	req, err := o.chart.request(s, ref)
	if err != nil {
		return err
	}
	if o.provenance && req.Provenance == repo.ProvenanceIgnore {
		req.Provenance = repo.ProvenanceFetch
	}
	a, err := s.fetch(ctx, req, false)
	switch _, statErr := os.Stat(s.path(ref)); {
	case errors.Is(err, repo.ErrReference), errors.Is(err, repo.ErrNotConfigured) && statErr == nil:
		return &advisedError{err, "What is fetched is given as REPOSITORY/NAME, https://… or oci://…, or as NAME with --repo URL. A chart that is on this machine needs no fetching: other commands take its path."}
	case err != nil:
		return err
	}
	o.tell(s, ref, a)
	if o.layout != "" {
		return o.copyToLayout(ctx, s, a, req)
	}
	if o.untar {
		return o.unpack(ctx, s, a)
	}
	return o.save(s, a)
}

// tell prints what was fetched and what was proved, as Helm does: of charts from
// repositories nothing.
func (o *pullOptions) tell(s *session, ref string, a *repo.Archive) {
	if a.Manifest != "" {
		printTransfer(s.Out, "Pulled", a.URL[len(repo.OCIScheme):], a.Manifest)
	}
	if a.ProvenanceErr != nil {
		s.print("WARNING: Verification not found for %s: %s\n", ref, a.ProvenanceErr)
	}
	if a.Verification != nil {
		printVerification(s, a.Verification)
	}
}

// copyToLayout copies what was fetched, and checked, as it is in the registry.
func (o *pullOptions) copyToLayout(ctx context.Context, s *session, a *repo.Archive, req repo.FetchRequest) error {
	if !repo.IsOCI(req.Ref) || a.Manifest == "" {
		return fmt.Errorf("%s is in no registry: --oci-layout copies from oci:// only", repo.Entry{URL: req.Ref}.Redacted())
	}
	ref, err := repo.ParseOCI(a.URL)
	if err != nil {
		return err
	}
	ref.Digest = a.Manifest
	copied, err := s.registries().CopyToLayout(ctx, ref.String(), s.path(o.layout), oci.CopyOptions{From: req.Access})
	if err == nil {
		s.print("Copied to: %s\n", copied.To)
	}
	return err
}

// save writes the archive, and the provenance file if there is one.
func (o *pullOptions) save(s *session, a *repo.Archive) error {
	path := filepath.Join(s.path(o.destination), a.Name)
	if err := checkArchiveName(path, a.Name); err != nil {
		return err
	}
	if a.Provenance != nil {
		if err := atomicfile.Bytes(path+".prov", 0o644, a.Provenance); err != nil {
			return err
		}
	}
	err := atomicfile.Bytes(path, 0o644, a.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return &advisedError{err, "The folder of --destination is not made here: it must be there."}
	}
	return err
}

// checkArchiveName refuses names that a repository must not give to files of its
// choice: hidden ones, those that cannot be seen, and those of files that are there
// and do not look like archives.
func checkArchiveName(path, name string) error {
	bad := func(r rune) bool { return r == '/' || r == '\\' || !unicode.IsPrint(r) }
	if name == "" || strings.HasPrefix(name, ".") || strings.ContainsFunc(name, bad) {
		return fmt.Errorf("the archive is called %q, and no file is given such a name: use --untar to unpack the chart instead", name)
	}
	if strings.HasSuffix(name, ".tgz") || strings.HasSuffix(name, ".tar.gz") {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s is there already, and an archive that is not called .tgz does not take its place: use --destination or --untar", path)
	}
	return nil
}

// unpack makes the chart's folder.
func (o *pullOptions) unpack(ctx context.Context, s *session, a *repo.Archive) error {
	dir := o.untarDir
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(o.destination, dir)
	}
	if err := os.MkdirAll(s.path(dir), 0o755); err != nil {
		return fmt.Errorf("failed to untar (mkdir): %w", err)
	}
	name, err := chart.Expand(ctx, bytes.NewReader(a.Data), s.path(dir), s.loadOptions())
	if errors.Is(err, fs.ErrExist) {
		return &advisedError{fmt.Errorf("failed to untar: a file or directory with the name %s already exists", filepath.Join(dir, name)), "Remove it, or choose another folder with --untardir."}
	}
	return ofArchive(a, err)
}
