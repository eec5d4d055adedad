package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

const registryLoginLong = `Log in to a registry: the user and the password, or the token, are sent to it,
and kept for later if it takes them.

    $ echo "$GITHUB_TOKEN" | pack registry login ghcr.io -u $GITHUB_USER --password-stdin

What is not given is asked for. Without a user name the password is a token.`

type registryLoginOptions struct {
	access        repo.Access
	passwordStdin bool
}

func newRegistryLoginCmd(s *session) *cobra.Command {
	o := registryLoginOptions{}
	cmd := &cobra.Command{
		Use:               "login [host]",
		Short:             "log in to a registry",
		Long:              registryLoginLong,
		Args:              atLeastOneArg,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			defer s.opening(s.Paths.RegistryConfig, o.access.CAFile, o.access.CertFile, o.access.KeyFile)()
			return o.run(cmd.Context(), s, args[0])
		},
	}
	f := cmd.Flags()
	a := &o.access
	f.StringVarP(&a.Username, "username", "u", "", "user name")
	f.StringVarP(&a.Password, "password", "p", "", "password or identity token; other programs can see it: better --password-stdin")
	f.BoolVar(&o.passwordStdin, "password-stdin", false, "read the password or identity token from the standard input")
	f.BoolVar(&a.InsecureSkipVerify, "insecure", false, "do not check the registry's certificate: anybody can pose as it")
	f.StringVar(&a.CertFile, "cert-file", "", "file with the certificate that identifies this client (PEM)")
	f.StringVar(&a.KeyFile, "key-file", "", "file with the key of --cert-file (PEM)")
	f.StringVar(&a.CAFile, "ca-file", "", "file with the certificate authorities of the registry (PEM)")
	f.BoolVar(&a.PlainHTTP, "plain-http", false, "reach the registry without TLS")
	return cmd
}

func (o *registryLoginOptions) run(ctx context.Context, s *session, host string) error {
	if err := o.ask(ctx, s); err != nil {
		return err
	}
	if registry := hostOf(host); registry != host {
		s.Log.Warn("a login is for a registry as a whole, which is named by its host", "given", host, "host", registry)
		host = registry
	}
	flags := netFlags{access: o.access}
	err := s.registries().Login(ctx, host, flags.given(s))
	if errors.Is(err, oci.ErrUnauthorized) {
		return &advisedError{err, "The registry does not take this user with this password. Many want a token, which they make for you, in its place."}
	}
	if err != nil {
		return err
	}
	s.print("Login Succeeded\n")
	return nil
}

// hostOf is the host in what a registry is called: as with Helm 3, there may be a scheme
// before it and a path behind it. What has an @ stays as it is and is refused: who can say
// where a password in it ends.
func hostOf(registry string) string {
	if strings.Contains(registry, "@") {
		return registry
	}
	for _, scheme := range []string{"oci://", "https://", "http://"} {
		if rest, ok := strings.CutPrefix(registry, scheme); ok {
			registry = rest
			break
		}
	}
	host, _, _ := strings.Cut(registry, "/")
	return host
}

// ask completes the user and the password.
func (o *registryLoginOptions) ask(ctx context.Context, s *session) (err error) {
	a := &o.access
	switch {
	case o.passwordStdin:
		a.Password, err = s.readPassword()
		return err
	case a.Password != "":
		s.Log.Warn("using --password via the CLI is insecure. Use --password-stdin")
		return nil
	case a.Username == "":
		if a.Username, err = s.readLine("Username: "); err != nil {
			return err
		}
		a.Username = strings.TrimSpace(a.Username)
	}
	what := "Password"
	if a.Username == "" {
		what = "Token"
	}
	if a.Password, err = s.readSecret(ctx, what+": "); err == nil && a.Password == "" {
		err = &advisedError{errors.New(strings.ToLower(what) + " required"), "--username gives the user, and --password-stdin reads the password or the token from the standard input."}
	}
	return err
}

// readLine asks for a line on the standard input. No byte beyond it is taken.
func (s *session) readLine(prompt string) (string, error) {
	fmt.Fprint(s.Err, prompt)
	var line []byte
	for one := make([]byte, 1); len(line) <= maxPassword; {
		n, err := s.In.Read(one)
		switch {
		case n > 0 && one[0] == '\n', errors.Is(err, io.EOF) && len(line) > 0:
			return strings.TrimSuffix(string(line), "\r"), nil
		case errors.Is(err, io.EOF):
			return "", nil // who needs an answer says so
		case err != nil:
			return "", fmt.Errorf("reading the standard input: %w", err)
		case n > 0:
			line = append(line, one[0])
		}
	}
	return "", fmt.Errorf("the line is longer than %d bytes", maxPassword)
}

// readSecret is readLine, without an echo where there is a terminal.
func (s *session) readSecret(ctx context.Context, prompt string) (string, error) {
	if s.Terminal.Password != nil {
		return s.askPassword(ctx, prompt)
	}
	return s.readLine(prompt)
}
