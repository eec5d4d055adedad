package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

const repoAddLong = `Configure a chart repository under a name, and fetch its index.

A repository that is configured with the same settings already is left as it is;
one with other settings is replaced with --force-update, and an error otherwise.

Username and password are sent to the scheme, host and port of the URL only,
unless --pass-credentials sends them wherever charts are. With --username and
no password it is asked for on a terminal, or read with --password-stdin.`

type repoAddOptions struct {
	net             netFlags
	passwordStdin   bool
	forceUpdate     bool
	allowDeprecated bool
	timeout         time.Duration
}

func newRepoAddCmd(s *session) *cobra.Command {
	var o repoAddOptions
	cmd := &cobra.Command{
		Use:   "add [NAME] [URL]",
		Short: "add a chart repository",
		Long:  repoAddLong,
		Args:  exactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args[0], args[1])
		},
		ValidArgsFunction: noMoreArgsAfter(2),
	}
	f := cmd.Flags()
	o.net.addWeb(f, "charts")
	f.BoolVar(&o.net.access.PassAll, "pass-credentials", false, "send username and password to every host that charts are fetched from")
	f.BoolVar(&o.passwordStdin, "password-stdin", false, "read the password from the standard input")
	f.BoolVar(&o.forceUpdate, "force-update", false, "replace the repository if one of that name is configured")
	f.BoolVar(&o.allowDeprecated, "allow-deprecated-repos", false, "add repositories that are known to be gone")
	f.DurationVar(&o.timeout, "timeout", indexTimeout, "how long the index may take to come")
	f.Bool("no-update", false, "deprecated")
	deprecate(f, "no-update", "repositories are replaced with --force-update only")
	return cmd
}

func (o *repoAddOptions) run(ctx context.Context, s *session, name, url string) error {
	if !o.allowDeprecated {
		for _, gone := range goneRepositories() {
			if strings.Contains(url, "//"+gone.host) {
				return fmt.Errorf("repo %q is no longer available; try %q instead", repo.Entry{URL: url}.Redacted(), gone.instead)
			}
		}
	}
	e := repo.Entry{Name: name, URL: url, Access: o.net.access}
	err := o.addPassword(ctx, s, &e.Access)
	if err != nil {
		return err
	}
	if e, err = o.lasting(s, e); err != nil {
		return err
	}
	added, err := s.local(o.timeout).Add(ctx, e, o.forceUpdate)
	if err != nil {
		return err
	}
	if !added {
		_, err = fmt.Fprintf(s.Out, "%q already exists with the same configuration, skipping\n", name)
		return err
	}
	_, err = fmt.Fprintf(s.Out, "%q has been added to your repositories\n", name)
	return err
}

// addPassword reads the password where only the user was given.
func (o *repoAddOptions) addPassword(ctx context.Context, s *session, a *repo.Access) (err error) {
	switch {
	case a.Username == "" || a.Password != "":
	case o.passwordStdin:
		a.Password, err = s.readPassword()
	case s.Terminal.Password == nil:
		err = errors.New("there is no terminal to ask for the password on: --password-stdin reads it from the standard input")
	default:
		a.Password, err = s.askPassword(ctx, "Password: ")
	}
	return err
}

// lasting is the entry with paths that are right in other folders too. Helm keeps
// relative ones as they are: where they are configured, so does this.
func (o *repoAddOptions) lasting(s *session, e repo.Entry) (repo.Entry, error) {
	configured, err := s.repositories()
	if err != nil {
		return e, err
	}
	if there, ok := configured.Find(e.Name); ok && there == e {
		return e, nil
	}
	for _, file := range []*string{&e.Access.CAFile, &e.Access.CertFile, &e.Access.KeyFile} {
		if *file == "" {
			continue
		}
		if *file, err = filepath.Abs(s.path(*file)); err != nil {
			return e, err
		}
	}
	return e, nil
}
