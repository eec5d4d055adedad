package cli_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/cmd/pack/internal/cli"
)

// TestInterruptedHint holds that a command which changes no release says nothing of one
// when it is interrupted.
func TestInterruptedHint(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(srv.Close)
	var out, errs bytes.Buffer
	code := cli.Run(ctx, cli.App{
		In: strings.NewReader(""), Out: &out, Err: &errs, Dir: t.TempDir(), Home: t.TempDir(), Program: "pack", Now: time.Now,
		Env: func(string) (string, bool) { return "", false },
	}, []string{"repo", "add", "web", srv.URL})
	if code != 1 || !strings.HasSuffix(errs.String(), "\nThe command was interrupted: run it again to have it done.\n") {
		t.Errorf("exit code %d, output %q, error %q", code, out.String(), errs.String())
	}
}

// TestPasswordOnTerminal holds that the password is asked for where only the
// user is given, on the standard error, and not repeated.
func TestPasswordOnTerminal(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "topsecret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte("apiVersion: v1\nentries: {}\n"))
	}))
	t.Cleanup(srv.Close)
	for name, c := range map[string]struct {
		typed     func(context.Context) (string, error)
		code      int
		out, errs string
	}{
		"right": {
			func(context.Context) (string, error) { return "topsecret", nil },
			0, "\"web\" has been added to your repositories\n", "Password: \n",
		},
		"wrong": {
			func(context.Context) (string, error) { return "topsecret ", nil },
			1, "", "Password: \nError: looks like \"" + srv.URL + "\" is not a valid chart repository or cannot be reached: failed to fetch " + srv.URL + "/index.yaml : 401 Unauthorized\n",
		},
		"interrupted": {
			func(context.Context) (string, error) { return "", context.Canceled },
			1, "", "Password: \nError: context canceled\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var out, errs bytes.Buffer
			code := cli.Run(t.Context(), cli.App{
				In: strings.NewReader(""), Out: &out, Err: &errs, Dir: dir, Program: "pack", Now: time.Now,
				Env:      func(string) (string, bool) { return "", false },
				Terminal: cli.Terminal{In: true, Password: c.typed},
			}, []string{"repo", "add", "web", srv.URL, "--username", "me"})
			if diff := cmp.Diff(c.out, out.String()); diff != "" || code != c.code {
				t.Errorf("exit code %d (-want +got):\n%s", code, diff)
			}
			if got := errs.String(); !strings.HasPrefix(got, c.errs) {
				t.Errorf("standard error %q, want %q", got, c.errs)
			}
			data, err := os.ReadFile(filepath.Join(dir, ".config", "pack", "repositories.yaml"))
			if has := bytes.Contains(data, []byte("password: topsecret\n")); has != (c.code == 0) {
				t.Errorf("the file is %s, %v", data, err)
			}
		})
	}
}
