package plugin_test

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// gitEnv is an environment in which git knows nobody's settings.
func gitEnv() []string {
	return append(os.Environ(),
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "GIT_DIR=/nowhere",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
	)
}

// repository is a git repository with a plugin.
type repository struct {
	t   *testing.T
	dir string
}

func newRepository(t *testing.T) *repository {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	r := &repository{t: t, dir: filepath.Join(t.TempDir(), "helm-demo.git")}
	if err := os.Mkdir(r.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r.git("init", "--quiet", "--initial-branch=main")
	for _, version := range []string{"1.0.0", "1.1.0", "2.0.0-rc.1"} {
		r.commit(version)
		r.git("tag", "v"+version)
	}
	r.git("tag", "nightly")
	r.commit("3.0.0")
	return r
}

func (r *repository) git(args ...string) string {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(gitEnv(), "GIT_DIR="+filepath.Join(r.dir, ".git"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r *repository) commit(version string) {
	r.t.Helper()
	write(r.t, r.dir, map[string]string{"plugin.yaml": "name: demo\nversion: " + version + "\ncommand: x\n"})
	r.git("add", "-A")
	r.git("commit", "--quiet", "-m", version)
}

func gitInstaller(dir string) *plugin.Installer {
	return plugin.NewInstaller(plugin.InstallerConfig{Dirs: []string{dir}, Process: plugin.Process{Env: gitEnv()}})
}

func TestInstallFromGit(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	first := r.git("rev-parse", "v1.0.0")
	for version, want := range map[string]string{
		"": "3.0.0", "main": "3.0.0", "v1.0.0": "1.0.0", "1.0.0": "1.0.0", "~1": "1.1.0", ">=1, <3": "1.1.0",
		">1-0": "2.0.0-rc.1", "nightly": "2.0.0-rc.1", first: "1.0.0",
	} {
		t.Run("version "+version, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			got, err := gitInstaller(dir).Install(t.Context(), plugin.InstallRequest{Source: "file://" + r.dir, Version: version})
			if err != nil {
				t.Fatal(err)
			}
			if got.Version != want || got.Dir != filepath.Join(dir, "helm-demo.git") {
				t.Errorf("version %q in %s, want %q", got.Version, got.Dir, want)
			}
		})
	}
}

func TestInstallFromGitErrors(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	tests := map[string]struct {
		req  plugin.InstallRequest
		want string
	}{
		"no such version":    {plugin.InstallRequest{Version: ">=9"}, `requested version ">=9" does not exist for plugin "file://`},
		"no constraint":      {plugin.InstallRequest{Version: "no such branch"}, `improper constraint: "no such branch"`},
		"no such commit":     {plugin.InstallRequest{Version: "abcdef0123"}, "git checkout: "},
		"an option":          {plugin.InstallRequest{Version: "--upload-pack=evil"}, "begins with a dash"},
		"signatures":         {plugin.InstallRequest{Keys: keys{}}, plugin.ErrCannotVerify.Error()},
		"no such repository": {plugin.InstallRequest{Source: "file:///nowhere/x"}, "git clone: "},
		"a token":            {plugin.InstallRequest{Source: "https://s3cret@127.0.0.1:1/x.git"}, "https://xxxxx@127.0.0.1:1/x.git"},
		"a query":            {plugin.InstallRequest{Source: "https://127.0.0.1:1/x.git?key=s3cret"}, "key=xxxxx"},
		"a version of it":    {plugin.InstallRequest{Source: "https://s3cret@127.0.0.1:1/x.git", Version: "~1"}, "https://xxxxx@127.0.0.1:1/x.git"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if tc.req.Source == "" {
				tc.req.Source = "file://" + r.dir
			}
			_, err := gitInstaller(dir).Install(t.Context(), tc.req)
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) > 0 {
				t.Errorf("left: %v, %v", entries, err)
			}
		})
	}
	r.git("rm", "--quiet", "plugin.yaml")
	write(t, r.dir, map[string]string{"README": "nothing here"})
	r.git("add", "-A")
	r.git("commit", "--quiet", "-m", "no plugin")
	if _, err := gitInstaller(t.TempDir()).Install(t.Context(), plugin.InstallRequest{Source: "file://" + r.dir}); !errors.Is(err, plugin.ErrMissingMetadata) {
		t.Errorf("error %v", err)
	}
}

func TestUpdateFromGit(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	in := gitInstaller(t.TempDir())
	got, err := in.Install(t.Context(), plugin.InstallRequest{Source: "file://" + r.dir})
	if err != nil {
		t.Fatal(err)
	}
	r.commit("3.1.0")
	updated, err := in.Update(t.Context(), got.Plugin)
	if err != nil || updated.Version != "3.1.0" {
		t.Errorf("%v, error %v", updated, err)
	}
	write(t, got.Dir, map[string]string{"plugin.yaml": "name: demo\n"})
	if _, err := in.Update(t.Context(), got.Plugin); text(err) != "plugin repo was modified" {
		t.Errorf("error %v", err)
	}

	other := gitInstaller(t.TempDir())
	fixed, err := other.Install(t.Context(), plugin.InstallRequest{Source: "file://" + r.dir, Version: "v1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	if updated, err := other.Update(t.Context(), fixed.Plugin); err != nil || updated.Version != "1.0.0" {
		t.Errorf("at a tag: %v, error %v", updated, err)
	}
}

func TestUpdateOfOthers(t *testing.T) {
	t.Parallel()
	p := load(t, map[string]string{"plugin.yaml": legacyFile})
	if _, err := installer(t.TempDir()).Update(t.Context(), p); !cmp.Equal(text(err), "cannot get information about plugin source") {
		t.Errorf("error %v", err)
	}
}

// TestInstallFromGitServer clones by https, with a certificate authority and a
// password of its own.
func TestInstallFromGitServer(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	path, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	backend := &cgi.Handler{
		Path: path, Args: []string{"http-backend"},
		Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(r.dir), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	}
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if user, password, _ := req.BasicAuth(); user != "me" || password != "secret" {
			w.Header().Set("WWW-Authenticate", "Basic realm=x")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, req)
	}))
	defer srv.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if err := os.WriteFile(ca, data, 0o600); err != nil {
		t.Fatal(err)
	}
	source := srv.URL + "/helm-demo.git"
	got, err := gitInstaller(t.TempDir()).Install(t.Context(), plugin.InstallRequest{
		Source: source, Version: "~1", Access: repo.Access{Username: "me", Password: "secret", CAFile: ca},
	})
	if err != nil || got.Version != "1.1.0" {
		t.Fatalf("%+v, %v", got, err)
	}
	config, err := os.ReadFile(filepath.Join(got.Dir, ".git", "config"))
	if err != nil || strings.Contains(string(config), "secret") {
		t.Errorf("the password was kept, or %v", err)
	}
	withSecret := strings.Replace(source, "https://", "https://me:hidden@", 1)
	if _, err := gitInstaller(t.TempDir()).Install(t.Context(), plugin.InstallRequest{Source: withSecret}); err == nil || strings.Contains(text(err), "hidden") {
		t.Errorf("a password in the URL: %v", err)
	}
	for want, access := range map[string]repo.Access{
		"Authentication failed": {Username: "me", Password: "wrong", CAFile: ca},
		"certificate":           {Username: "me", Password: "secret"},
	} {
		_, err := gitInstaller(t.TempDir()).Install(t.Context(), plugin.InstallRequest{Source: source, Access: access})
		if !strings.Contains(text(err), want) || strings.Contains(text(err), "secret") || strings.Contains(text(err), "wrong") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
