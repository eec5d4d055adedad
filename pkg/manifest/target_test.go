package manifest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

func TestParseTargets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want []manifest.Target
		err  string
	}{
		{"Job/migrate", []manifest.Target{{Kind: "Job", AnyGroup: true, Name: "migrate"}}, ""},
		{" StatefulSet/db ,\n Deployment.apps/shop/api", []manifest.Target{
			{Kind: "StatefulSet", AnyGroup: true, Name: "db"}, {Kind: "Deployment", Group: "apps", Namespace: "shop", Name: "api"},
		}, ""},
		{"Service./web", []manifest.Target{{Kind: "Service", Name: "web"}}, ""},
		{"Database.db.example.com/main", []manifest.Target{{Kind: "Database", Group: "db.example.com", Name: "main"}}, ""},
		{"Job/a,,Job/b", nil, "an entry is empty: it must be of the form Kind/name or Kind/namespace/name, with commas between several"},
		{"web", nil, `"web" is not of the form Kind/name or Kind/namespace/name`},
		{"a/b/c/d", nil, `"a/b/c/d" is not of the form Kind/name or Kind/namespace/name`},
		{"Job/a Job/b", nil, `"Job/a Job/b" is not of the form Kind/name or Kind/namespace/name`},
		{"Job/", nil, `"Job/" is not of the form Kind/name or Kind/namespace/name: a part of it is empty`},
		{"/x", nil, `"/x" is not of the form Kind/name or Kind/namespace/name: a part of it is empty`},
		{"Job//x", nil, `"Job//x" is not of the form Kind/name or Kind/namespace/name: a part of it is empty`},
	} {
		got, err := manifest.ParseTargets(tt.text)
		if text := errorText(err); text != tt.err {
			t.Errorf("%q: error %q, want %q", tt.text, text, tt.err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, diff)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestTargetMatches(t *testing.T) {
	t.Parallel()
	web := manifest.Ref{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "web"}
	role := manifest.Ref{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "ClusterRole", Name: "r"}
	for _, tt := range []struct {
		text string
		ref  manifest.Ref
		want bool
	}{
		{"Deployment/web", web, true},
		{"deployment/web", web, true},
		{"Deployment.apps/web", web, true},
		{"Deployment.extensions/web", web, false},
		{"Deployment./web", web, false},
		{"Deployment/shop/web", web, true},
		{"Deployment/other/web", web, false},
		{"Deployment/api", web, false},
		{"Job/web", web, false},
		{"ClusterRole/r", role, true},
		{"ClusterRole/shop/r", role, false},
	} {
		targets, err := manifest.ParseTargets(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := targets[0].Matches(tt.ref, "shop"); got != tt.want {
			t.Errorf("%s matches %s: %v", tt.text, tt.ref, got)
		}
		if targets[0].String() != tt.text {
			t.Errorf("%q is printed as %q", tt.text, targets[0])
		}
	}
	if targets, _ := manifest.ParseTargets("Deployment/web"); targets[0].Matches(web, "elsewhere") {
		t.Error("an object of another namespace is meant only by its namespace")
	}
}
