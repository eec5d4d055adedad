package cli_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-0d4f92cc/pack/cmd/pack/internal/cli"
	"github.com/seed-0d4f92cc/pack/pkg/repo/cosign"
)

// TestGenerateKeyAsks makes keys under a passphrase that somebody types, twice.
func TestGenerateKeyAsks(t *testing.T) {
	t.Parallel()
	const asked = "Password for key \"cosign.key\" >  \nOnce more >  \n"
	for name, c := range map[string]struct {
		typed []string
		code  int
		errs  string
	}{
		"twice":     {[]string{"sesame", "sesame"}, 0, asked},
		"differing": {[]string{"sesame", "Sesame"}, 1, asked + "Error: the two passphrases are not the same\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var out, errs bytes.Buffer
			typed := c.typed
			code := cli.Run(t.Context(), cli.App{
				Out: &out, Err: &errs, Dir: dir, Program: "pack",
				Env: func(string) (string, bool) { return "", false },
				Terminal: cli.Terminal{In: true, Password: func(context.Context) (string, error) {
					next := typed[0]
					typed = typed[1:]
					return next, nil
				}},
			}, []string{"registry", "generate-key"})
			if code != c.code || errs.String() != c.errs {
				t.Errorf("exit code %d, standard error %q", code, errs.String())
			}
			data, err := os.ReadFile(filepath.Join(dir, "cosign.key"))
			if c.code != 0 {
				if !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("there is a key: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := cosign.ParsePrivateKey(data, func() ([]byte, error) { return []byte("sesame"), nil }); err != nil {
				t.Error(err)
			}
			if info, err := os.Stat(filepath.Join(dir, "cosign.key")); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the private key's file: %v, %v", info, err)
			}
		})
	}
}
