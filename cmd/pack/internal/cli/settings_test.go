package cli

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func appWith(env map[string]string) App {
	return App{
		Home: "/home/me",
		Env: func(name string) (string, bool) {
			v, ok := env[name]
			return v, ok
		},
	}
}

func TestSystemDir(t *testing.T) {
	t.Parallel()
	app := appWith(map[string]string{"TEMP": `C:\Temp`, "APPDATA": `C:\Users\me`})
	for _, tc := range []struct{ goos, kind, want string }{
		{"linux", "CACHE_HOME", "/home/me/.cache"},
		{"linux", "CONFIG_HOME", "/home/me/.config"},
		{"freebsd", "DATA_HOME", "/home/me/.local/share"},
		{"darwin", "CACHE_HOME", "/home/me/Library/Caches"},
		{"darwin", "CONFIG_HOME", "/home/me/Library/Preferences"},
		{"darwin", "DATA_HOME", "/home/me/Library"},
		{"windows", "CACHE_HOME", `C:\Temp`},
		{"windows", "CONFIG_HOME", `C:\Users\me`},
		{"windows", "DATA_HOME", `C:\Users\me`},
	} {
		if got := filepath.ToSlash(systemDir(app, tc.goos, tc.kind)); got != filepath.ToSlash(tc.want) {
			t.Errorf("%s %s: got %s, want %s", tc.goos, tc.kind, got, tc.want)
		}
	}
}

func TestColor(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		env      map[string]string
		terminal bool
		want     bool
	}{
		{name: "a terminal", terminal: true, want: true},
		{name: "a file"},
		{name: "always", env: map[string]string{"HELM_COLOR": "always"}, want: true},
		{name: "never", env: map[string]string{"HELM_COLOR": "never"}, terminal: true},
		{name: "pack's variable first", env: map[string]string{"HELM_COLOR": "always", "PACK_COLOR": "never"}, terminal: true},
		{name: "NO_COLOR", env: map[string]string{"NO_COLOR": "1", "HELM_COLOR": "always"}, terminal: true},
		{name: "empty NO_COLOR", env: map[string]string{"NO_COLOR": ""}, terminal: true, want: true},
		{name: "nonsense", env: map[string]string{"HELM_COLOR": "zebra"}, terminal: true, want: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			app := appWith(tc.env)
			app.Terminal.Out = tc.terminal
			s := newSession(app)
			want := "deployed"
			if tc.want {
				want = "\x1b[32mdeployed\x1b[0m"
			}
			if diff := cmp.Diff(want, s.paintStatus("deployed")); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTokenIsNoDefault(t *testing.T) {
	t.Parallel()
	s := newSession(appWith(map[string]string{"HELM_KUBETOKEN": "secret"}))
	root := newRootCmd(s, "")
	if s.Kube.Token != "secret" {
		t.Errorf("got token %q", s.Kube.Token)
	}
	if got := root.PersistentFlags().Lookup("kube-token").DefValue; got != "" {
		t.Errorf("the help would show %q", got)
	}
}
