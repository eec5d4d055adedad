package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/cosign"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

// registryRefOptions are those of commands about something in a registry.
type registryRefOptions struct {
	net netFlags
	key string
}

// open finds what a reference names: its repository and its digest.
func (o *registryRefOptions) open(ctx context.Context, s *session, ref string) (cosign.WritableRepository, repo.OCIRef, error) {
	parsed, err := repo.ParseOCI(ref)
	if err != nil {
		return nil, parsed, err
	}
	if parsed.Tag == "" && parsed.Digest == "" {
		return nil, parsed, fmt.Errorf("%s names neither a tag nor a digest", ref)
	}
	access := o.net.given(s)
	digest, err := s.registries().Resolve(ctx, parsed.String(), access)
	if err != nil {
		return nil, parsed, err
	}
	parsed.Digest = digest
	repository, err := s.registries().Open(parsed.Repository, access)
	return repository, parsed, err
}

func newRegistrySignCmd(s *session) *cobra.Command {
	o := registryRefOptions{}
	passphraseFile := ""
	cmd := &cobra.Command{
		Use:   "sign oci://HOST/PATH:TAG",
		Short: "sign a chart in a registry with a key",
		Long: `Sign a chart in a registry, so that "pack registry verify", a signature policy, and
Cosign can check it. What is signed is the digest of its manifest. The signature
is put beside it in the registry; no other service is told.

    $ pack registry generate-key
    $ pack registry sign oci://registry.example.com/charts/web:1.2.3 --key cosign.key

The key is one of Cosign's, or any ECDSA, RSA or Ed25519 key in PEM form. To check
such a signature, Cosign is told that there is no transparency log:
cosign verify --key cosign.pub --insecure-ignore-tlog REFERENCE.`,
		Args:              exactArgs(1),
		ValidArgsFunction: noMoreArgsAfter(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.sign(cmd.Context(), s, args[0], passphraseFile)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.key, "key", "cosign.key", "file with the private key (PEM)")
	f.StringVar(&passphraseFile, "passphrase-file", "", `file whose first line is the passphrase of the key; "-" reads the standard input (default: $COSIGN_PASSWORD, or else somebody is asked)`)
	o.net.add(f, "chart")
	return cmd
}

func (o *registryRefOptions) sign(ctx context.Context, s *session, ref, passphraseFile string) error {
	data, err := s.readFile(o.key)
	if err != nil {
		return err
	}
	key, err := cosign.ParsePrivateKey(data, func() ([]byte, error) { return s.cosignPassphrase(ctx, o.key, passphraseFile) })
	if err != nil {
		return fmt.Errorf("%s: %w", o.key, err)
	}
	repository, parsed, err := o.open(ctx, s, ref)
	if err != nil {
		return err
	}
	signed, err := cosign.Sign(ctx, repository, parsed.Digest, key, s.Now())
	if err != nil {
		return oci.Tidy(err)
	}
	s.print("Signed: %s@%s\nSignature: %s\n", parsed.Repository, signed.Digest, signed.Manifest)
	return nil
}

// cosignPassphrase is the passphrase of a key: of the file, of Cosign's variable,
// or of somebody at the terminal.
func (s *session) cosignPassphrase(ctx context.Context, key, file string) ([]byte, error) {
	if secret, ok := s.Env("COSIGN_PASSWORD"); ok && file == "" {
		return []byte(secret), nil
	}
	return s.passphrase(ctx, file)(key)
}

// newPassphrase is the passphrase of a key that is being made: whoever is asked
// has to give it twice.
func (s *session) newPassphrase(ctx context.Context, key, file string) ([]byte, error) {
	secret, err := s.cosignPassphrase(ctx, key, file)
	if _, ok := s.Env("COSIGN_PASSWORD"); err != nil || ok || file != "" {
		return secret, err
	}
	again, err := s.askPassword(ctx, "Once more >  ")
	if err == nil && again != string(secret) {
		err = errors.New("the two passphrases are not the same")
	}
	return secret, err
}

func newRegistryVerifyCmd(s *session) *cobra.Command {
	o := registryRefOptions{}
	cmd := &cobra.Command{
		Use:   "verify oci://HOST/PATH:TAG",
		Short: "check that a chart in a registry is signed with a key",
		Long: `Check that a chart in a registry was signed with a key, by "pack registry sign" or
by Cosign, and print its digest. To have this checked whenever a chart is fetched,
write a signature policy.`,
		Args:              exactArgs(1),
		ValidArgsFunction: noMoreArgsAfter(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.verify(cmd.Context(), s, args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.key, "key", "cosign.pub", "file with the public key (PEM)")
	o.net.add(f, "chart")
	return cmd
}

func (o *registryRefOptions) verify(ctx context.Context, s *session, ref string) error {
	data, err := s.readFile(o.key)
	if err != nil {
		return err
	}
	key, err := cosign.ParsePublicKey(data)
	if err != nil {
		return fmt.Errorf("%s: %w", o.key, err)
	}
	repository, parsed, err := o.open(ctx, s, ref)
	if err != nil {
		return err
	}
	found, err := cosign.Verify(ctx, repository, parsed.Digest, key)
	if err != nil {
		return oci.Tidy(err)
	}
	s.print("Verified: %s@%s\nSignature: %s\n", parsed.Repository, found.Digest, found.Manifest)
	return nil
}

func newRegistryGenerateKeyCmd(s *session) *cobra.Command {
	prefix, passphraseFile := "", ""
	cmd := &cobra.Command{
		Use:   "generate-key",
		Short: "make a key to sign charts in registries with",
		Long: `Make a key as "cosign generate-key-pair" does: PREFIX.key, under a passphrase, which
signs, and PREFIX.pub, which checks what it has signed. Files that are there are
not replaced.`,
		Args:              noArgs,
		ValidArgsFunction: noMoreArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.generateKey(cmd.Context(), prefix, passphraseFile)
		},
	}
	f := cmd.Flags()
	f.StringVar(&prefix, "output-key-prefix", "cosign", "what the names of the files begin with")
	f.StringVar(&passphraseFile, "passphrase-file", "", `file whose first line is the passphrase of the key; "-" reads the standard input (default: $COSIGN_PASSWORD, or else somebody is asked)`)
	return cmd
}

func (s *session) generateKey(ctx context.Context, prefix, passphraseFile string) error {
	for _, name := range []string{prefix + ".key", prefix + ".pub"} {
		if _, err := os.Lstat(s.path(name)); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already", name)
		}
	}
	secret, err := s.newPassphrase(ctx, prefix+".key", passphraseFile)
	if err != nil {
		return err
	}
	private, public, err := cosign.GenerateKey(secret)
	if err != nil {
		return err
	}
	if err := atomicfile.Bytes(s.path(prefix+".key"), 0o600, private); err != nil {
		return err
	}
	if err := atomicfile.Bytes(s.path(prefix+".pub"), 0o644, public); err != nil {
		return err
	}
	s.print("Private key: %s.key\nPublic key: %s.pub\n", prefix, prefix)
	return nil
}
