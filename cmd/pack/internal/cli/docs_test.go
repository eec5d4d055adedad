package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/cmd/pack/internal/cli"
)

// TestReferenceIsCurrent compares docs/reference with what the commands say of
// themselves; `make docs` writes it anew.
func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var stderr bytes.Buffer
	app := cli.App{
		In: &bytes.Buffer{}, Out: &bytes.Buffer{}, Err: &stderr,
		Env: func(string) (string, bool) { return "", false },
		Now: time.Now,
	}
	if code := cli.Run(t.Context(), app, []string{"docs", "--dir", dir, "--type", "markdown"}); code != 0 {
		t.Fatalf("pack docs: exit code %d: %s", code, stderr.String())
	}
	want, got := texts(t, dir), texts(t, filepath.FromSlash("../../../../docs/reference"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/reference is not current, run `make docs` (-want +got):\n%s", diff)
	}
}

// texts are the files of a folder, of which there is at least one.
func texts(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(data)
	}
	if len(out) == 0 {
		t.Fatalf("%s is empty", dir)
	}
	return out
}
