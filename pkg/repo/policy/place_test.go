package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/policy"
)

// TestMostSpecific sees to it that the order of the rules does not count.
func TestMostSpecific(t *testing.T) {
	t.Parallel()
	rules := []string{
		`{match: "*", deny: true}`,
		`{match: "oci://*", deny: true}`,
		`{match: "*.example.com", unsigned: true}`,
		`{match: registry.example.com, unsigned: true}`,
		`{match: "*.example.com/team", unsigned: true}`,
		`{match: "registry.example.com/*", unsigned: true}`,
		`{match: "https://registry.example.com/*", unsigned: true}`,
		`{match: registry.example.com/team/web, unsigned: true}`,
		`{match: "[::1]:5000/a", unsigned: true}`,
		`{match: docker.io/team, unsigned: true}`,
	}
	for i := range rules {
		p := parse(t, "rules:\n- "+strings.Join(append(rules[i:len(rules):len(rules)], rules[:i]...), "\n- ")+"\n")
		for url, want := range map[string]string{
			"https://elsewhere.org/a.tgz":               "*",
			"oci://elsewhere.org/a":                     "oci://*",
			"oci://a.example.com/x":                     "*.example.com",
			"oci://registry.example.com":                "registry.example.com",
			"oci://a.example.com/team/web":              "*.example.com/team",
			"oci://registry.example.com/x":              "registry.example.com/*",
			"https://registry.example.com/x":            "https://registry.example.com/*",
			"oci://registry.example.com/team/web:1.0.0": "registry.example.com/team/web",
			"oci://registry.example.com/team/web-2":     "registry.example.com/*",
			"oci://[::1]:5000/a/b":                      "[::1]:5000/a",
			"oci://registry-1.docker.io/team/web":       "docker.io/team",
		} {
			if r := p.For(url); r == nil || r.Match != want {
				t.Errorf("rotated by %d: For(%q) is %v, want %q", i, url, r, want)
			}
		}
	}
}

// TestOneRuleForAChart holds a chart in a registry to the most specific rule
// only, with its tag and without.
func TestOneRuleForAChart(t *testing.T) {
	t.Parallel()
	e := &policy.Enforcer{Policy: parse(t, "rules:\n- {match: a.example.com/team, deny: true}\n- {match: a.example.com/team/web, unsigned: true}\n")}
	a := &repo.Archive{URL: "oci://a.example.com/team/web:1.0.0@sha256:00", Home: "oci://a.example.com/team/web"}
	if err := e.Check(t.Context(), a, repo.Access{}); err != nil {
		t.Error(err)
	}
}

// FuzzFor looks for spellings of a place that pass a rule by.
func FuzzFor(f *testing.F) {
	for _, seed := range []string{"team", "team/web:1", "./team", "%2e%2e/team", "other/../team/web", "a@b/team"} {
		f.Add(seed)
	}
	p, err := policy.Parse([]byte("rules:\n- {match: '*', deny: true}\n- {match: 'h.example.com', unsigned: true}\n"), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		for _, scheme := range []string{"https", "oci"} {
			url := fmt.Sprintf("%s://h.example.com/%s", scheme, path)
			if r := p.For(url); r == nil || r.Match != "h.example.com" {
				t.Errorf("For(%q) is %v", url, r)
			}
			if r := p.For(fmt.Sprintf("%s://evil.org/%s@h.example.com", scheme, path)); r == nil || !r.Deny {
				t.Errorf("%q below another host is taken for the host", path)
			}
		}
	})
}
