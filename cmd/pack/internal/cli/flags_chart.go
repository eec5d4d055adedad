package cli

import (
	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// chartFlags say which chart a CHART argument means that is not a path, and
// where it is fetched from.
type chartFlags struct {
	net     netFlags
	version string
	devel   bool
	repoURL string
	verify  bool
	keyring string
	// anyVersion: the apiVersion of the chart does not matter.
	anyVersion bool
	// complete is of the commands that render.
	complete completeFlags
}

func (c *chartFlags) add(s *session, cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.version, "version", "", "version of the chart, or a constraint such as ^2.0 (default: the highest that is no prerelease)")
	f.BoolVar(&c.devel, "devel", false, "count prereleases in, as --version '>0.0.0-0' does; of no effect with --version")
	f.StringVar(&c.repoURL, "repo", "", "URL of the repository that has the chart")
	f.BoolVar(&c.verify, "verify", false, "check the signature of the chart, which must have one")
	f.StringVar(&c.keyring, "keyring", s.defaultKeyring(), "file with the public keys for --verify")
	f.BoolVar(&c.net.access.PassAll, "pass-credentials", false, "send the credentials to whatever host the chart comes from")
	c.net.add(f, "chart")
	completeVersion(s, cmd)
}

// request is what the flags say of the chart that ref names.
func (c *chartFlags) request(s *session, ref string) (repo.FetchRequest, error) {
	req := repo.FetchRequest{
		Ref: ref, Version: c.version, Devel: c.devel, Repo: c.repoURL, Access: c.net.given(s),
	}
	if c.verify {
		keyring, err := s.readKeyring(c.keyring)
		if err != nil {
			return req, err
		}
		req.Provenance, req.Keyring = repo.ProvenanceMust, keyring
	}
	return req, nil
}
