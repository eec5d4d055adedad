package cli

import "testing"

func TestVersionTold(t *testing.T) {
	t.Parallel()
	commit := "fe51cd1e31e6a202cba7dead9552a6d418ded79a"
	plugin := map[string]string{"HELM_PLUGIN_NAME": "diff"}
	for name, tc := range map[string]struct {
		own, commit string
		env         map[string]string
		want, short string
	}{
		"release":         {"v0.1.0", "", nil, "v4.3.1+pack.0.1.0", "v4.3.1+pack.0.1.0"},
		"of a commit":     {"v0.1.0", commit, nil, "v4.3.1+pack.0.1.0", "v4.3.1+pack.0.1.0.gfe51cd1"},
		"between":         {"v0.1.1-0.20261127110000-fe51cd1e31e6+dirty", "", nil, "v4.3.1+pack.0.1.1-0.20261127110000-fe51cd1e31e6.dirty", "v4.3.1+pack.0.1.1-0.20261127110000-fe51cd1e31e6.dirty"},
		"for a plugin":    {"v0.1.0", commit, plugin, "v4.3.1", "v4.3.1"},
		"no plugin named": {"v0.1.0", "", map[string]string{"HELM_PLUGIN_NAME": ""}, "v4.3.1+pack.0.1.0", "v4.3.1+pack.0.1.0"},
	} {
		app := appWith(tc.env)
		app.Build = Build{Version: tc.own, GitCommit: tc.commit}
		told := newSession(app).told(helmVersion)
		if told.Version != tc.want || told.short() != tc.short {
			t.Errorf("%s: got %s and %s, want %s and %s", name, told.Version, told.short(), tc.want, tc.short)
		}
	}
}
