package cli_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/cmd/pack/internal/cli"
)

// TestCreateHalf: of a chart that cannot be written whole nothing is left, unless the
// folder was there.
func TestCreateHalf(t *testing.T) {
	t.Parallel()
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	files := tar.NewWriter(zipped)
	for name, text := range map[string]string{
		"s/Chart.yaml": "apiVersion: v2\nname: s\nversion: 1.0.0\n", "s/templates/" + strings.Repeat("a", 300) + ".yaml": "a: b\n",
	} {
		if err := files.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	for _, there := range []bool{false, true} {
		dir := t.TempDir()
		starter, target := filepath.Join(dir, "s.tgz"), filepath.Join(dir, "web")
		if err := os.WriteFile(starter, archive.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if there {
			if err := os.Mkdir(target, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		var out, errs bytes.Buffer
		code := cli.Run(t.Context(), cli.App{
			In: strings.NewReader(""), Out: &out, Err: &errs, Dir: dir, Home: dir, Program: "pack", Now: time.Now,
			Env: func(string) (string, bool) { return "", false },
		}, []string{"create", "web", "--starter", starter})
		if code != 1 || !strings.Contains(errs.String(), "file name too long") {
			t.Errorf("exit code %d, error %q", code, errs.String())
		}
		if _, err := os.Stat(target); (err == nil) != there {
			t.Errorf("there before: %v, after: %v", there, err)
		}
	}
}
