package acceptance_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/cosign"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
	"github.com/seed-0d4f92cc/pack/pkg/repo/policy"
	"github.com/seed-0d4f92cc/pack/test/registry/internal/server"
)

// kinds are the registries that each test has.
var kinds = map[string]server.Config{
	"basic":            {Auth: "basic"},
	"token":            {Auth: "token"},
	"token, no OAuth2": {Auth: "token", NoOAuth2: true},
}

// each runs a test on every kind of registry.
func each(t *testing.T, test func(*testing.T, site)) {
	t.Parallel()
	for name, cfg := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t, cfg))
		})
	}
}

// failure is how something fails; the zero value is that it does not.
type failure struct {
	is   error
	text string
}

func (f failure) check(t *testing.T, err error) {
	t.Helper()
	switch {
	case f == failure{} && err != nil:
		t.Errorf("it fails: %v", err)
	case f == failure{}:
	case err == nil:
		t.Errorf("it works, and should not: want %q", f.text)
	case !strings.Contains(err.Error(), f.text), f.is != nil && !errors.Is(err, f.is):
		t.Errorf("error %v, want %q (%v)", err, f.text, f.is)
	case strings.Contains(err.Error(), "s3cret"):
		t.Errorf("the password is in the error: %v", err)
	}
}

func TestLogin(t *testing.T) {
	each(t, func(t *testing.T, s site) {
		other := start(t, server.Config{})
		empty := filepath.Join(t.TempDir(), "empty.pem")
		if err := os.WriteFile(empty, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		with := func(change func(*repo.Access)) repo.Access {
			access := s.as(user, password)
			change(&access)
			return access
		}
		unknown := failure{text: "certificate signed by unknown authority"}
		for name, c := range map[string]struct {
			access repo.Access
			failure
		}{
			"right":             {access: s.as(user, password)},
			"wrong password":    {s.as(user, "s3cret"), failure{oci.ErrUnauthorized, `authenticating to "` + s.address + `"`}},
			"nobody's":          {s.as("nobody", "s3cret"), failure{oci.ErrUnauthorized, "401: unauthorized"}},
			"no password":       {s.as(user, ""), failure{text: "a login needs a password or a token"}},
			"no authority":      {with(func(a *repo.Access) { a.CAFile = "" }), unknown},
			"another authority": {with(func(a *repo.Access) { a.CAFile = other.access.CAFile }), unknown},
			"not checked":       {access: with(func(a *repo.Access) { a.CAFile, a.InsecureSkipVerify = "", true })},
			"no such file":      {with(func(a *repo.Access) { a.CAFile = empty + ".not" }), failure{fs.ErrNotExist, "empty.pem.not"}},
			"empty file":        {with(func(a *repo.Access) { a.CAFile = empty }), failure{text: "empty.pem"}},
			"without TLS":       {with(func(a *repo.Access) { a.PlainHTTP = true }), failure{text: "400: Bad Request"}},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				client := newClient(t)
				err := client.Login(t.Context(), s.address, c.access)
				c.check(t, err)
				if _, authority := errors.AsType[x509.UnknownAuthorityError](err); authority != (c.failure == unknown) {
					t.Errorf("an authority is unknown: %v", err)
				}
				access := repo.Access{CAFile: s.access.CAFile}
				if _, after := client.Versions(t.Context(), s.address+"/none", access); err == nil != repo.IsNotFound(after) {
					t.Errorf("after the login (%v): %v", err, after)
				}
				if err := client.Logout(t.Context(), s.address); err != nil {
					t.Error(err)
				}
				_, after := client.Versions(t.Context(), s.address+"/none", access)
				failure{is: oci.ErrUnauthorized}.check(t, after)
			})
		}
	})
}

// TestFetch fetches charts by all that names them.
func TestFetch(t *testing.T) {
	each(t, func(t *testing.T, s site) {
		client := loggedIn(t, s)
		ring, _ := newRing(t)
		archives, digests := map[string][]byte{}, map[string]string{}
		for _, version := range []string{"1.0.0", "2.0.0", "1.1.0+build.5", "3.0.0-rc.1"} {
			p := oci.Package{Chart: newChart(t, "web", version)}
			if version != "1.0.0" {
				p.Provenance = provenanceOf(t, ring, p.Chart, "web", version)
			}
			archives[version], digests[version] = p.Chart, push(t, client, s, "/charts", p).Digest
		}
		listed, err := client.Versions(t.Context(), s.address+"/charts/web", s.access)
		if want := []string{"3.0.0-rc.1", "2.0.0", "1.1.0+build.5", "1.0.0"}; err != nil || !slices.Equal(listed, want) {
			t.Errorf("versions %v, %v, want %v", listed, err, want)
		}
		missing := "sha256:" + strings.Repeat("0", 64)
		for name, c := range map[string]struct {
			ref, version string
			devel        bool
			want         string
			failure
		}{
			"highest":         {want: "2.0.0"},
			"prerelease":      {devel: true, want: "3.0.0-rc.1"},
			"tag":             {ref: ":2.0.0", want: "2.0.0"},
			"tag with plus":   {ref: ":1.1.0+build.5", want: "1.1.0+build.5"},
			"version":         {version: "1.1.0+build.5", want: "1.1.0+build.5"},
			"range":           {version: "^1", want: "1.1.0+build.5"},
			"no provenance":   {version: "~1.0", failure: failure{text: "provenance"}},
			"digest":          {ref: "@" + digests["2.0.0"], want: "2.0.0"},
			"tag and digest":  {ref: ":2.0.0@" + digests["2.0.0"], want: "2.0.0"},
			"other digest":    {ref: ":2.0.0@" + digests["1.0.0"], failure: failure{repo.ErrDigest, digests["2.0.0"] + " is not " + digests["1.0.0"]}},
			"no such digest":  {ref: "@" + missing, failure: failure{repo.ErrNotFound, missing}},
			"no such tag":     {ref: ":9.0.0", failure: failure{repo.ErrNotFound, "web:9.0.0: not found"}},
			"no such range":   {version: "^9", failure: failure{repo.ErrNoVersion, "the highest is 3.0.0-rc.1"}},
			"no range":        {version: "new", failure: failure{text: `"new"`}},
			"tag and version": {ref: ":2.0.0", version: "1.0.0", failure: failure{text: "mismatch: 1.0.0 is not 2.0.0"}},
			"no such chart":   {ref: "er", failure: failure{repo.ErrNotFound, "charts/weber"}},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				fetcher := repo.NewFetcher(repo.FetcherConfig{Registry: func() (repo.Registry, error) { return client, nil }})
				got, err := fetcher.Fetch(t.Context(), repo.FetchRequest{
					Ref: "oci://" + s.address + "/charts/web" + c.ref, Version: c.version, Devel: c.devel,
					Access: s.access, Provenance: repo.ProvenanceMust, Keyring: ring,
				})
				if c.check(t, err); err != nil {
					return
				}
				if !bytes.Equal(got.Data, archives[c.want]) || got.Manifest != digests[c.want] {
					t.Errorf("fetched %s with the manifest %s, want %s: %s", got.Name, got.Manifest, c.want, digests[c.want])
				}
				if got.Verification == nil {
					t.Error("the provenance file was not checked")
				}
			})
		}
	})
}

// TestCopy takes a signed chart from registry to registry, into a folder and back; its
// digest, its provenance file and its signatures stay.
func TestCopy(t *testing.T) {
	t.Parallel()
	basic, token := start(t, kinds["basic"]), start(t, kinds["token"])
	client := loggedIn(t, basic, token)
	ours, other := keys(t)
	data := newChart(t, "web", "1.0.0+x")
	pushed := push(t, client, basic, "/charts", oci.Package{Chart: data, Provenance: []byte("signed")})
	open := func(s site, path string) cosign.WritableRepository {
		r, err := client.Open(s.address+path, s.access)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if _, err := cosign.Sign(t.Context(), open(basic, "/charts/web"), pushed.Digest, ours.private, time.Time{}); err != nil {
		t.Fatal(err)
	}
	layout := oci.LayoutScheme + filepath.Join(t.TempDir(), "layout")
	inLayout, home := func(repository string) cosign.Repository {
		l, _, err := oci.OpenLayout(layout)
		if err != nil {
			t.Fatal(err)
		}
		return l.Open(repository)
	}, token.address+"/mirror/web"
	// The steps follow each other: what one has copied, the next one takes.
	for _, step := range []struct {
		from, to string
		opts     oci.CopyOptions
		at       func() cosign.Repository
		pull     site
	}{
		{"oci://" + pushed.Ref, "oci://" + token.address + "/mirror/", oci.CopyOptions{From: basic.access, To: token.access},
			func() cosign.Repository { return open(token, "/mirror/web") }, token},
		{"oci://" + home, layout, oci.CopyOptions{From: token.access},
			func() cosign.Repository { return inLayout(home) }, site{}},
		{layout + ":web:1.0.0_x", "oci://" + basic.address + "/back/", oci.CopyOptions{To: basic.access},
			func() cosign.Repository { return open(basic, "/back/web") }, basic},
	} {
		copied, err := client.Copy(t.Context(), step.from, step.to, step.opts)
		if err != nil || copied.Digest != pushed.Digest {
			t.Fatalf("from %s to %s: %+v, %v", step.from, step.to, copied, err)
		}
		if _, err := cosign.Verify(t.Context(), step.at(), pushed.Digest, other.private.Public(), ours.private.Public()); err != nil {
			t.Errorf("the signature at %s: %v", copied.To, err)
		}
		_, err = cosign.Verify(t.Context(), step.at(), pushed.Digest, other.private.Public())
		failure{cosign.ErrNotSigned, "it was not made with this key"}.check(t, err)
		if step.pull.address == "" {
			continue
		}
		pulled, err := client.Pull(t.Context(), copied.To, repo.PullOptions{Access: step.pull.access, Provenance: true})
		if err != nil || !bytes.Equal(pulled.Chart, data) || string(pulled.Provenance) != "signed" {
			t.Errorf("%s is another chart than that of before (%v)", copied.To, err)
		}
	}
	_, err := client.Copy(t.Context(), "oci://"+home+":2.0.0", layout, oci.CopyOptions{From: token.access})
	failure{repo.ErrNotFound, "mirror/web:2.0.0"}.check(t, err)
}

// TestPolicy lets charts pass that are signed as a policy wants, and no others.
func TestPolicy(t *testing.T) {
	each(t, func(t *testing.T, s site) {
		client := loggedIn(t, s)
		ours, other := keys(t)
		ring, exported := newRing(t)
		for _, name := range []string{"signed", "unsigned"} {
			p := oci.Package{Chart: newChart(t, name, "1.0.0")}
			if name == "signed" {
				p.Provenance = provenanceOf(t, ring, p.Chart, name, "1.0.0")
			}
			pushed := push(t, client, s, "", p)
			if name == "unsigned" {
				continue
			}
			r, err := client.Open(s.address+"/signed", s.access)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := cosign.Sign(t.Context(), r, pushed.Digest, ours.private, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		files := map[string][]byte{"ours.pub": ours.public, "other.pub": other.public, "ours.gpg": exported}
		unsigned := failure{policy.ErrRefused, "is not signed"}
		for name, c := range map[string]struct {
			rule, chart string
			failure
		}{
			"no rule":        {`match: elsewhere.example.com, deny: true`, "unsigned", failure{}},
			"key":            {`match: "*", cosign: [other.pub, ours.pub]`, "signed", failure{}},
			"OpenPGP":        {`match: "*", openpgp: [ours.gpg]`, "signed", failure{}},
			"both":           {`match: "*", cosign: [ours.pub], openpgp: [ours.gpg]`, "signed", failure{}},
			"another key":    {`match: "*", cosign: [other.pub]`, "signed", failure{policy.ErrRefused, "it was not made with this key"}},
			"not signed":     {`match: "*", cosign: [ours.pub]`, "unsigned", unsigned},
			"of a registry":  {`match: ` + s.address + `, cosign: [ours.pub]`, "unsigned", unsigned},
			"no provenance":  {`match: "*", openpgp: [ours.gpg]`, "unsigned", failure{policy.ErrRefused, "provenance file"}},
			"denied":         {`match: ` + s.address + `, deny: true`, "signed", failure{policy.ErrRefused, "no chart may come from there"}},
			"another policy": {`match: ` + s.address + `/signed, deny: true`, "unsigned", failure{}},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p, err := policy.Parse([]byte("rules:\n- {"+c.rule+"}\n"), func(name string) ([]byte, error) { return files[name], nil })
				if err != nil {
					t.Fatal(err)
				}
				fetcher := repo.NewFetcher(repo.FetcherConfig{
					Registry: func() (repo.Registry, error) { return client, nil },
					Trust: &policy.Enforcer{Policy: p, Open: func(_ context.Context, repository string, access repo.Access) (cosign.Repository, error) {
						return client.Open(repository, access)
					}},
				})
				_, err = fetcher.Fetch(t.Context(), repo.FetchRequest{Ref: "oci://" + s.address + "/" + c.chart, Version: "^1", Access: s.access})
				c.check(t, err)
			})
		}
	})
}

// TestWithoutLogin is refused whatever needs a login; what lies below public/ of a registry
// with tokens needs none to be read.
func TestWithoutLogin(t *testing.T) {
	each(t, func(t *testing.T, s site) {
		p := oci.Package{Chart: newChart(t, "web", "1.0.0")}
		owner, anonymous := loggedIn(t, s), newClient(t)
		ours, _ := keys(t)
		for _, path := range []string{"/public", "/private"} {
			pushed := push(t, owner, s, path, p)
			for name, op := range map[string]struct {
				writes bool
				try    func(*oci.Client, repo.Access) error
			}{
				"pull": {false, func(c *oci.Client, access repo.Access) error {
					_, err := c.Pull(t.Context(), pushed.Ref, repo.PullOptions{Access: access})
					return err
				}},
				"resolve": {false, func(c *oci.Client, access repo.Access) error {
					_, err := c.Resolve(t.Context(), pushed.Ref, access)
					return err
				}},
				"versions": {false, func(c *oci.Client, access repo.Access) error {
					_, err := c.Versions(t.Context(), s.address+path+"/web", access)
					return err
				}},
				"copy": {false, func(c *oci.Client, access repo.Access) error {
					_, err := c.CopyToLayout(t.Context(), "oci://"+pushed.Ref, t.TempDir(), oci.CopyOptions{From: access})
					return err
				}},
				"push": {true, func(c *oci.Client, access repo.Access) error {
					_, err := c.Push(t.Context(), s.address+path, oci.Package{Chart: newChart(t, "new", "1.0.0")}, access)
					return err
				}},
				"sign": {true, func(c *oci.Client, access repo.Access) error {
					r, err := c.Open(s.address+path+"/web", access)
					if err != nil {
						return err
					}
					_, err = cosign.Sign(t.Context(), r, pushed.Digest, ours.private, time.Time{})
					return oci.Tidy(err)
				}},
			} {
				t.Run(path[1:]+", "+name, func(t *testing.T) {
					refused := failure{is: oci.ErrUnauthorized}
					refused.check(t, op.try(newClient(t), s.as(user, "s3cret")))
					if s.auth == "token" && path == "/public" && !op.writes {
						refused = failure{}
					}
					refused.check(t, op.try(anonymous, s.access))
					failure{}.check(t, op.try(owner, s.access))
				})
			}
		}
	})
}
