package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/cosign"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

const registryLong = `Log in to registries and out again, and copy charts between them.

Logins are kept in the file that --registry-config names, in Docker's format:
credential helpers that it names are used. Where it has nothing for a registry,
Docker's own file is asked, $DOCKER_CONFIG/config.json or ~/.docker/config.json.`

func newRegistryCmd(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "registry",
		Short: "log in to registries, and copy between them",
		Long:  registryLong,
	}
	subcommandsOnly(cmd)
	cmd.AddCommand(
		newRegistryCopyCmd(s),
		newRegistryGenerateKeyCmd(s),
		newRegistryLoginCmd(s),
		newRegistryLogoutCmd(s),
		newRegistrySignCmd(s),
		newRegistryVerifyCmd(s),
	)
	return cmd
}

// registries is the client for registries. All that use it share its logins,
// tokens and connections.
func (s *session) registries() *oci.Client {
	s.ociOnce.Do(func() {
		s.oci = oci.New(oci.Config{
			UserAgent:        s.userAgent(),
			CredentialsFile:  s.path(s.Paths.RegistryConfig),
			DockerConfigFile: s.dockerConfig(),
			Proxy:            s.proxy(),
			Log:              s.Log,
		})
	})
	return s.oci
}

func (s *session) registry() (repo.Registry, error) { return s.registries(), nil }

// fetch finds and fetches a chart, also out of a folder with an OCI layout, for
// which nothing goes over the network.
func (s *session) fetch(ctx context.Context, req repo.FetchRequest, offline bool) (*repo.Archive, error) {
	defer s.opening(req.Access.CAFile, req.Access.CertFile, req.Access.KeyFile, s.Paths.RegistryConfig)()
	ref, ok := strings.CutPrefix(strings.TrimSpace(req.Ref), oci.LayoutScheme)
	if !ok || req.Repo != "" {
		a, err := s.fetcher(offline).Fetch(ctx, req)
		if errors.Is(err, repo.ErrNotFound) && repo.IsOCI(req.Ref) {
			err = &advisedError{err, "'pack search oci://HOST/PATH' lists the versions of a chart that a registry has."}
		}
		return a, err
	}
	layout, found, err := oci.OpenLayout(oci.LayoutScheme + s.path(ref))
	if err != nil {
		return nil, err
	}
	cfg := s.fetcherConfig()
	cfg.Registry = func() (repo.Registry, error) { return layout, nil }
	cfg.Trust = s.trustIn(func(_ context.Context, repository string, _ repo.Access) (cosign.Repository, error) {
		return layout.Open(repository), nil
	})
	req.Ref = repo.OCIScheme + found
	return repo.NewFetcher(cfg).Fetch(ctx, req)
}

// dockerConfig is where Docker keeps its logins; empty where it has no place.
func (s *session) dockerConfig() string {
	if dir, _ := s.Env("DOCKER_CONFIG"); dir != "" {
		return s.path(filepath.Join(dir, "config.json"))
	}
	if s.Home == "" {
		return ""
	}
	return filepath.Join(s.Home, ".docker", "config.json")
}

// registryHint is for what registries answer.
func registryHint(err error) string {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	switch {
	case errors.Is(err, oci.ErrUnauthorized):
		return "'pack registry login HOST' logs in, --username and --password do it for one command."
	case errors.Is(err, http.ErrSchemeMismatch):
		return "The server does not speak TLS. --plain-http reaches a registry without it; everybody on the way can see and change what is sent."
	case unknown:
		return "--ca-file FILE names the authorities that are trusted instead of the system's."
	case wantsTLS(err):
		return "A registry that speaks TLS answers like this where it is asked without: leave out --plain-http then."
	case errors.Is(err, oci.ErrMoved):
		return "The tag is elsewhere now than when the digest was noted. Leave the tag out if the digest is what you want."
	}
	return ""
}

// wantsTLS says whether a registry that was asked without TLS answers as servers
// with TLS do.
func wantsTLS(err error) bool {
	answer, ok := errors.AsType[*errcode.ErrorResponse](err)
	return ok && answer.StatusCode == http.StatusBadRequest && len(answer.Errors) == 0 &&
		answer.URL != nil && answer.URL.Scheme == "http"
}

// printTransfer tells what was pushed or pulled, as Helm does. ref is without
// the scheme. That it cannot be told is no failure.
func printTransfer(w io.Writer, what, ref, digest string) {
	shown := ref
	if at := strings.LastIndexByte(ref, '@'); at >= 0 {
		// Of a tag and a digest, the digest counts.
		shown = ref[:at]
		if colon := strings.LastIndexByte(shown, ':'); colon > strings.LastIndexByte(shown, '/') {
			shown = shown[:colon]
		}
		shown += ref[at:]
	} else if slash := strings.LastIndexByte(ref, '/'); slash >= 0 {
		shown = ref[:slash] + oci.TagOf(ref[slash:])
	}
	fmt.Fprintf(w, "%s: %s\nDigest: %s\n", what, shown, digest)
	if last := shown[strings.LastIndexByte(shown, '/')+1:]; strings.Contains(last, ":") && strings.Contains(last[strings.LastIndexByte(last, ':'):], "_") {
		fmt.Fprintf(w, "%s contains an underscore.\n\n%s\n", shown, underscoreNote)
	}
}

const underscoreNote = `Tags cannot have a plus sign. A version with one is kept under a tag that has
"_" in its place, as Helm does it, and "_" in a tag is read as "+".`
