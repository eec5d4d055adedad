package cli

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
	"github.com/seed-0d4f92cc/pack/pkg/provenance"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

type pluginInstallOptions struct {
	source  string
	version string
	verify  bool
	keyring string
	net     netFlags
}

func newPluginInstallCmd(s *session) *cobra.Command {
	o := pluginInstallOptions{}
	cmd := &cobra.Command{
		Use:     "install [options] <path|url>",
		Aliases: []string{"add"},
		Short:   "install a plugin",
		Long: `Install a plugin from a folder, an archive (.tgz), a web server (https://…tgz),
a registry (oci://…), or a git repository.

A folder is linked to and not copied: that is for those who work on the plugin.
Archives must be signed: their provenance file (.prov) is fetched too and must be
by a key in --keyring. What a git repository has cannot be signed. Without
--verify=false it is refused.`,
		Args:              exactArgs(1),
		ValidArgsFunction: completeOneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.source = args[0]
			return o.run(cmd.Context(), s)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.version, "version", "", "version, or constraint such as ^1.2, that is wanted; of a git repository also a branch or a commit (default: the newest)")
	f.BoolVar(&o.verify, "verify", true, "refuse a plugin that is not signed")
	f.StringVar(&o.keyring, "keyring", s.defaultKeyring(), "file with the public keys for --verify")
	o.net.add(f, "plugin")
	return cmd
}

func (o *pluginInstallOptions) run(ctx context.Context, s *session) error {
	req := plugin.InstallRequest{Source: o.source, Version: o.version, Access: o.net.given(s)}
	if _, err := os.Stat(s.path(o.source)); err == nil {
		if req.Source, err = filepath.Abs(s.path(o.source)); err != nil {
			return err
		}
	}
	if err := plugin.CheckSource(req.Source); err != nil {
		return err
	}
	kind := plugin.KindOf(req.Source)
	switch {
	case kind == plugin.KindFolder:
		s.print("Installing plugin from local directory (development mode)\n")
	case !o.verify:
		s.print("WARNING: Skipping plugin signature verification\n")
	default:
		req.Keys = pluginKeys{s: s, file: o.keyring}
	}
	if req.Keys != nil && kind.CanVerify() {
		s.print("Verifying plugin signature...\n")
	}
	done := s.waitingFor("the plugin from " + repo.Entry{URL: req.Source}.Redacted())
	got, err := s.installer().Install(ctx, req)
	done()
	if err != nil {
		return err
	}
	if got.Verification != nil {
		printPluginVerification(s, got.Verification)
	}
	defer s.waitingFor("the hook of the plugin " + got.Name)()
	if err := got.RunHook(ctx, plugin.HookInstall, s.pluginProcess()); err != nil {
		return err
	}
	s.print("Installed plugin: %s\n", got.Name)
	return nil
}

// pluginKeys reads a keyring when it is needed.
type pluginKeys struct {
	s    *session
	file string
}

// Verify implements repo.Verifier.
func (k pluginKeys) Verify(archive []byte, name string, prov []byte) (*provenance.Verification, error) {
	keyring, err := k.s.readKeyring(k.file)
	if err != nil {
		return nil, err
	}
	return keyring.Verify(archive, name, prov)
}

func printPluginVerification(s *session, v *provenance.Verification) {
	for _, who := range v.SignedBy {
		s.print("Signed by: %s\n", who)
	}
	s.print("Using Key With Fingerprint: %s\nPlugin Hash Verified: %s\n", v.Fingerprint, v.Digest)
}
