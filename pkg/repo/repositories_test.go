package repo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// written is what Helm writes for the repositories of TestRepositories.
const written = `apiVersion: ""
generated: "0001-01-01T00:00:00Z"
repositories:
- caFile: /ca.pem
  certFile: ""
  insecure_skip_tls_verify: false
  keyFile: ""
  name: one
  pass_credentials_all: true
  password: secret
  url: https://one.example.com/charts
  username: me
`

func TestRepositories(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "folder", "repositories.yaml")
	r, err := repo.ReadRepositories(path)
	if err != nil || r.Len() != 0 {
		t.Fatalf("%v repositories, %v", r.Len(), err)
	}
	one := repo.Entry{Name: "one", URL: "https://one.example.com/charts", Access: repo.Access{
		Username: "me", Password: "secret", PassAll: true, CAFile: "/ca.pem",
	}}
	r.Set(repo.Entry{Name: "two", URL: "https://two.example.com"})
	r.Set(one)
	if !r.Remove("two") || r.Remove("two") {
		t.Error("two is removed once")
	}
	if err := r.Write(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if diff := cmp.Diff(written, string(data)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	again, err := repo.ReadRepositories(path)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := again.Find("one")
	if diff := cmp.Diff(one, got); diff != "" || !ok {
		t.Errorf("%v (-want +got):\n%s", ok, diff)
	}
	if _, ok := again.Find("three"); ok {
		t.Error("three is there")
	}
}

func TestReadRepositoriesErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ data, want string }{
		"no YAML":  {"repositories: [", "couldn't load repositories file"},
		"no list":  {"repositories: x", "couldn't load repositories file"},
		"too long": {strings.Repeat("# a comment\n", 500_000), "longer than 4194304 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "repositories.yaml")
			if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := repo.ReadRepositories(path)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}
