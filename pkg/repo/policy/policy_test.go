package policy_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"oras.land/oras-go/v2/content/memory"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/cosign"
	"github.com/seed-0d4f92cc/pack/pkg/repo/policy"
)

// publicKey is a key, made once: its other half is locked with some effort.
var publicKey = sync.OnceValues(func() ([]byte, error) {
	_, public, err := cosign.GenerateKey(nil)
	return public, err
})

// keys reads files with keys: a.pub, b.pub.
func keys(t *testing.T) func(string) ([]byte, error) {
	t.Helper()
	public, err := publicKey()
	if err != nil {
		t.Fatal(err)
	}
	return func(name string) ([]byte, error) {
		if name == "a.pub" || name == "b.pub" {
			return public, nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
}

func parse(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(text), keys(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFor(t *testing.T) {
	t.Parallel()
	p := parse(t, `
rules:
- {match: registry.example.com, cosign: [a.pub]}
- {match: registry.example.com/team/free, unsigned: true}
- {match: "*.internal/charts", cosign: [a.pub, b.pub]}
- {match: "https://charts.example.com/", deny: true}
- {match: "*", unsigned: true}
`)
	for url, want := range map[string]string{
		"oci://registry.example.com/team/web:1.0.0":           "registry.example.com",
		"oci://REGISTRY.example.com/team/web":                 "registry.example.com",
		"oci://registry.example.com/team/free/web@sha256:00":  "registry.example.com/team/free",
		"oci://registry.example.com/team/freedom/web":         "registry.example.com",
		"oci://registry.example.com.evil.com/team/web":        "*",
		"oci://evil.com/registry.example.com/web":             "*",
		"oci://a.internal/charts/web":                         "*.internal/charts",
		"oci://a.internal/other/web":                          "*",
		"https://charts.example.com/web-1.0.0.tgz":            "https://charts.example.com/",
		"https://me:secret@charts.example.com/web-1.0.0.tgz":  "https://charts.example.com/",
		"https://registry.example.com@evil.com/web-1.0.0.tgz": "*",
		"http://charts.example.com/web-1.0.0.tgz":             "*",
		"no URL": "",
	} {
		got := ""
		if r := p.For(url); r != nil {
			got = r.Match
		}
		if got != want {
			t.Errorf("For(%q) is %q, want %q", url, got, want)
		}
	}
	for _, url := range []string{
		"oci://registry.example.com:443/team/free/web:1", "oci://registry.example.com./team/free/web", "OCI://registry.example.com/team//free/web",
		"oci://registry.example.com/team/x/../free", "https://registry.example.com/team/%66ree/web.tgz?x#y", "http://registry.example.com:80/team/free",
	} {
		if r := p.For(url); r == nil || r.Match != "registry.example.com/team/free" {
			t.Errorf("For(%q) is %v", url, r)
		}
	}
	if r := parse(t, "rules: []\n").For("oci://a/b"); r != nil {
		t.Errorf("an empty policy has the rule %q", r.Match)
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"no YAML":      {"rules: [", "yaml"},
		"unknown key":  {"rules:\n- {match: a, key: b}\n", `unknown field "key"`},
		"nothing":      {"rules:\n- {match: a}\n", "it must have keys"},
		"two things":   {"rules:\n- {match: a, unsigned: true, cosign: [a.pub]}\n", "it must have keys"},
		"no match":     {"rules:\n- {unsigned: true}\n", "what it matches"},
		"empty":        {"", "the policy has no rules"},
		"no rules":     {"rules:\n", "the policy has no rules"},
		"credentials":  {"rules:\n- {match: 'https://me:x@a', unsigned: true}\n", "must not have credentials"},
		"tag":          {"rules:\n- {match: 'a/b:1.0', unsigned: true}\n", "leave out the tag or digest"},
		"digest":       {"rules:\n- {match: 'oci://a/b@sha256:00', unsigned: true}\n", "leave out the tag or digest"},
		"twice":        {"rules:\n- {match: a/b, unsigned: true}\n- {match: A:443/b/, deny: true}\n", "another rule for the same place"},
		"cosign, HTTP": {"rules:\n- {match: 'https://a', cosign: [a.pub]}\n", "sign charts in registries only"},
		"no such file": {"rules:\n- {match: a, cosign: [none.pub]}\n", "none.pub: file does not exist"},
		"no such ring": {"rules:\n- {match: a, openpgp: [none.gpg]}\n", "none.gpg"},
		"no key in it": {"rules:\n- {match: a, openpgp: [a.pub]}\n", "a.pub: "},
		"too many":     {"rules:\n" + strings.Repeat("- {match: a, unsigned: true}\n", 10_001), "at most 10000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Parse([]byte(c.text), keys(t))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestEnforcer(t *testing.T) {
	t.Parallel()
	e := &policy.Enforcer{
		Policy: parse(t, `
rules:
- {match: signed.example.com, cosign: [a.pub]}
- {match: denied.example.com, deny: true}
- {match: free.example.com, unsigned: true}
`),
		Open: func(_ context.Context, repository string, _ repo.Access) (cosign.Repository, error) {
			if strings.HasPrefix(repository, "signed.example.com/away/") {
				return nil, errors.New("nobody there")
			}
			return memory.New(), nil
		},
	}
	for name, c := range map[string]struct {
		a       repo.Archive
		want    string
		refused bool
	}{
		"free":              {repo.Archive{URL: "https://free.example.com/web.tgz"}, "", false},
		"nobody's":          {repo.Archive{URL: "https://other.example.com/web.tgz"}, "", false},
		"denied":            {repo.Archive{URL: "https://denied.example.com/web.tgz"}, "no chart may come from there", true},
		"denied repository": {repo.Archive{URL: "https://cdn.example.com/web.tgz", Home: "https://denied.example.com"}, "no chart may come from there", true},
		"no registry":       {repo.Archive{URL: "https://signed.example.com/web.tgz"}, "only have signed charts in registries", true},
		"not signed":        {repo.Archive{URL: "oci://signed.example.com/web:1", Manifest: "sha256:" + strings.Repeat("0", 64)}, "not found", true},
		"cached":            {repo.Archive{URL: "oci://signed.example.com/web:1"}, "it comes from the cache", true},
		"away":              {repo.Archive{URL: "oci://signed.example.com/away/web:1", Manifest: "sha256:00"}, "nobody there", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := e.Check(t.Context(), &c.a, repo.Access{})
			if fmt.Sprint(err) != "<nil>" && c.want == "" || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if errors.Is(err, policy.ErrRefused) != c.refused {
				t.Errorf("refused: %v", err)
			}
		})
	}
	// What is not there lets nothing pass that it is needed for.
	for _, e := range []*policy.Enforcer{{Policy: e.Policy}, {}} {
		err := e.Check(t.Context(), &repo.Archive{URL: "oci://signed.example.com/web:1", Manifest: "sha256:00"}, repo.Access{})
		if errors.Is(err, policy.ErrRefused) != (e.Policy != nil) {
			t.Errorf("an empty Enforcer: %v", err)
		}
	}
	if e.NeedsProvenance("oci://signed.example.com/web") {
		t.Error("a provenance file is needed where Cosign's keys count")
	}
}
