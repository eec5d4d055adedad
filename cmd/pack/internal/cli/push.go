package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

const pushLong = `Put the archive of a chart into a registry, with its provenance file if one lies
beside it (NAME-VERSION.tgz.prov).

    $ pack push web-1.2.3.tgz oci://registry.example.com/charts

The chart's name is added to the path, and its version is the tag. What is put
there is what Helm puts there, to the byte. SOURCE_DATE_EPOCH, if set, is noted
as the time of its making; else it is that of the file.`

// pushAdvice is for a place that is no registry.
const pushAdvice = "A chart is pushed to oci://HOST/PATH, for example oci://registry.example.com/charts."

type pushOptions struct{ net netFlags }

func newPushCmd(s *session) *cobra.Command {
	o := pushOptions{}
	cmd := &cobra.Command{
		Use:   "push [chart] [remote]",
		Short: "put a chart into a registry",
		Long:  pushLong,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return wrongArgs(cmd, "requires at least 2 arguments")
			}
			return nil
		},
		ValidArgsFunction: completePush,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args[0], args[1])
		},
	}
	o.net.add(cmd.Flags(), "chart")
	return cmd
}

func completePush(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return nil, cobra.ShellCompDirectiveDefault
	case 1:
		return []cobra.Completion{repo.OCIScheme}, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	return noMoreArgs(nil, nil, "")
}

func (o *pushOptions) run(ctx context.Context, s *session, path, remote string) error {
	u, err := url.Parse(remote)
	switch {
	case err != nil:
		return &advisedError{fmt.Errorf("invalid chart URL format: %s", repo.Entry{URL: remote}.Redacted()), pushAdvice}
	case u.Scheme == "":
		return &advisedError{errors.New(`scheme prefix missing from remote (e.g. "oci://")`), pushAdvice}
	case u.Scheme != "oci":
		return &advisedError{fmt.Errorf("scheme %q not supported", u.Scheme), pushAdvice}
	}
	p, err := s.readPackage(path)
	if err != nil {
		return err
	}
	pushed, err := s.registries().Push(ctx, u.String(), p, o.net.given(s))
	if errors.Is(err, chart.ErrNotArchive) {
		return s.whatItIs(path)
	}
	if err != nil {
		return err
	}
	printTransfer(s.Out, "Pushed", pushed.Ref, pushed.Digest)
	return nil
}

// whatItIs says what a file is that is no archive.
func (s *session) whatItIs(path string) error {
	f, err := os.Open(s.path(path))
	if err != nil {
		return err
	}
	defer f.Close()
	return notArchive(f, path)
}

// readPackage reads an archive, and the provenance file that lies beside it.
func (s *session) readPackage(path string) (p oci.Package, err error) {
	info, err := os.Stat(s.path(path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p, fmt.Errorf("%s: no such file", path)
	case err != nil:
		return p, err
	case info.IsDir():
		return p, &advisedError{errors.New("cannot push directory, must provide chart archive (.tgz)"), "'pack package FOLDER' makes the archive."}
	case !info.Mode().IsRegular():
		return p, fmt.Errorf("%s is no file", path)
	case info.Size() > repo.DefaultMaxBytes:
		return p, fmt.Errorf("%s has %d bytes, and may have %d", path, info.Size(), int64(repo.DefaultMaxBytes))
	}
	if p.Created, err = s.createdAt(info.ModTime()); err != nil {
		return p, err
	}
	if p.Chart, err = os.ReadFile(s.path(path)); err != nil {
		return p, err
	}
	p.Provenance, err = os.ReadFile(s.path(path + ".prov"))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return p, err
}

// createdAt is SOURCE_DATE_EPOCH, or the time of a file.
func (s *session) createdAt(file time.Time) (time.Time, error) {
	date, err := s.sourceDate()
	if err != nil || date.IsZero() {
		return file, err
	}
	return date, nil
}
