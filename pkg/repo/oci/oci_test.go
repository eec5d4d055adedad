package oci_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/testregistry"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

// noWait makes attempts follow each other at once.
func noWait(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func newClient(t *testing.T) *oci.Client {
	t.Helper()
	c := oci.New(oci.Config{
		UserAgent: "pack/test", Wait: noWait, Timeout: 10 * time.Second,
		CredentialsFile: filepath.Join(t.TempDir(), "registry", "config.json"),
	})
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// start runs a registry and returns it with how to reach it.
func start(t *testing.T, cfg testregistry.Config) (*testregistry.Registry, repo.Access) {
	t.Helper()
	cfg.Binary = os.Getenv("PACK_REGISTRY")
	r := testregistry.Start(t, cfg)
	access := repo.Access{PlainHTTP: !cfg.TLS, CAFile: r.CAFile}
	if cfg.ClientCert {
		access.CertFile, access.KeyFile = r.CertFile, r.KeyFile
	}
	return r, access
}

// archive packs a chart.
func archive(t *testing.T, name, version string) []byte {
	t.Helper()
	c, err := chart.Load(fstest.MapFS{
		"Chart.yaml":        {Data: []byte("apiVersion: v2\nname: " + name + "\nversion: " + version + "\ndescription: a <chart>\n")},
		"templates/cm.yaml": {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")},
	}, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.WriteArchive(&b, chart.ArchiveOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func push(t *testing.T, c *oci.Client, below string, p oci.Package, access repo.Access) *oci.Pushed {
	t.Helper()
	pushed, err := c.Push(t.Context(), below, p, access)
	if err != nil {
		t.Fatal(err)
	}
	return pushed
}

// TestRoundTrip pushes and pulls over every kind of connection.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	login := repo.Access{Username: testregistry.User, Password: testregistry.Password}
	for name, cfg := range map[string]testregistry.Config{
		"plain":              {},
		"TLS":                {TLS: true},
		"client certificate": {TLS: true, ClientCert: true},
		"basic":              {TLS: true, Auth: "basic"},
		"token":              {Auth: "token"},
		"token over TLS":     {TLS: true, Auth: "token"},
		"no OAuth2":          {Auth: "token", NoOAuth2: true},
		"folder":             {Dir: t.TempDir()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, access := start(t, cfg)
			c := newClient(t)
			data := archive(t, "web", "1.2.3+build.7")
			p := oci.Package{Chart: data, Provenance: []byte("signed"), Created: time.Unix(1e9, 0).UTC()}
			if cfg.Auth != "" {
				_, err := c.Push(t.Context(), r.Address+"/charts", p, access)
				if !errors.Is(err, oci.ErrUnauthorized) {
					t.Fatalf("a push without a login: %v, want ErrUnauthorized", err)
				}
				given := access
				given.Username, given.Password = login.Username, login.Password
				if err := c.Login(t.Context(), r.Address, given); err != nil {
					t.Fatal(err)
				}
			}
			pushed := push(t, c, "oci://"+r.Address+"/charts", p, access)
			if want := r.Address + "/charts/web:1.2.3_build.7"; pushed.Ref != want {
				t.Errorf("pushed %s, want %s", pushed.Ref, want)
			}
			pulled, err := c.Pull(t.Context(), r.Address+"/charts/web:1.2.3+build.7", repo.PullOptions{Access: access, Provenance: true})
			if err != nil {
				t.Fatal(err)
			}
			want := &repo.Pulled{
				Ref: pushed.Ref, Digest: pushed.Digest, Name: "web", Version: "1.2.3+build.7",
				Chart: data, Provenance: []byte("signed"),
			}
			if diff := cmp.Diff(want, pulled); diff != "" {
				t.Error(diff)
			}
			again := push(t, c, r.Address+"/charts", p, access)
			if again.Digest != pushed.Digest {
				t.Errorf("the same chart has digest %s, and then %s", pushed.Digest, again.Digest)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	r, access := start(t, testregistry.Config{})
	c := newClient(t)
	for _, version := range []string{"1.0.0", "1.10.0", "1.9.0-rc.1", "1.9.0", "0.1.0+b_c", "2.0.0+x"} {
		if strings.Contains(version, "b_c") {
			version = "0.1.0+b.c"
		}
		push(t, c, r.Address, oci.Package{Chart: archive(t, "web", version)}, access)
	}
	// Tags that are no versions.
	for _, tag := range []string{"latest", "v3.0.0", "1.2"} {
		if _, err := c.Copy(t.Context(), "oci://"+r.Address+"/web:1.0.0", "oci://"+r.Address+"/web:"+tag, oci.CopyOptions{From: access, To: access}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := c.Versions(t.Context(), r.Address+"/web", access)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2.0.0+x", "1.10.0", "1.9.0", "1.9.0-rc.1", "1.0.0", "0.1.0+b.c"}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := c.Versions(t.Context(), r.Address+"/nothing", access); !repo.IsNotFound(err) {
		t.Errorf("versions of nothing: %v, want not found", err)
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	r, access := start(t, testregistry.Config{})
	c := newClient(t)
	one := push(t, c, r.Address+"/charts", oci.Package{Chart: archive(t, "web", "1.0.0")}, access)
	two := push(t, c, r.Address+"/charts", oci.Package{Chart: archive(t, "web", "2.0.0")}, access)
	base := r.Address + "/charts/web"
	missing := "sha256:" + strings.Repeat("0", 64)
	for name, tc := range map[string]struct {
		ref, shown, digest string
		is                 error
		text               string
	}{
		"tag":            {ref: base + ":1.0.0", shown: base + ":1.0.0", digest: one.Digest},
		"scheme":         {ref: "oci://" + base + ":2.0.0", shown: base + ":2.0.0", digest: two.Digest},
		"digest":         {ref: base + "@" + one.Digest, shown: base + "@" + one.Digest, digest: one.Digest},
		"both":           {ref: base + ":1.0.0@" + one.Digest, shown: base + "@" + one.Digest, digest: one.Digest},
		"digest, no tag": {ref: base + ":9.0.0@" + one.Digest, shown: base + "@" + one.Digest, digest: one.Digest},
		"they disagree":  {ref: base + ":1.0.0@" + two.Digest, is: repo.ErrDigest, text: "chart reference digest mismatch: " + one.Digest + " is not " + two.Digest},
		"no such tag":    {ref: base + ":9.0.0", is: repo.ErrNotFound, text: base + ":9.0.0: not found"},
		"no such digest": {ref: base + "@" + missing, is: repo.ErrNotFound, text: "not found"},
		"no such chart":  {ref: r.Address + "/charts/none:1.0.0", is: repo.ErrNotFound, text: "not found"},
		"capitals":       {ref: r.Address + "/Charts/web:1.0.0", text: `invalid reference: invalid repository "Charts/web"`},
		"bad tag":        {ref: base + ":1.0.0~", text: "invalid reference: invalid"},
		"algorithm":      {ref: base + "@sha512:" + strings.Repeat("0", 128), text: "after the @ comes a digest"},
		"no path":        {ref: r.Address, text: "it must be oci://host/path"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pulled, err := c.Pull(t.Context(), tc.ref, repo.PullOptions{Access: access})
			digest, resolveErr := c.Resolve(t.Context(), tc.ref, access)
			if tc.text == "" {
				if err != nil || resolveErr != nil {
					t.Fatal(err, resolveErr)
				}
				if pulled.Ref != tc.shown || pulled.Digest != tc.digest || digest != tc.digest {
					t.Errorf("pulled %s %s, resolved %s, want %s %s", pulled.Ref, pulled.Digest, digest, tc.shown, tc.digest)
				}
				return
			}
			if err == nil || resolveErr == nil || !strings.Contains(err.Error(), tc.text) {
				t.Errorf("errors %v, %v, want %q", err, resolveErr, tc.text)
			}
			if tc.is != nil && (!errors.Is(err, tc.is) || !errors.Is(resolveErr, tc.is)) {
				t.Errorf("errors %v, %v, want %v", err, resolveErr, tc.is)
			}
		})
	}
}

// TestCached does not fetch what is at hand.
func TestCached(t *testing.T) {
	t.Parallel()
	r, access := start(t, testregistry.Config{})
	c := newClient(t)
	data := archive(t, "web", "1.0.0")
	push(t, c, r.Address, oci.Package{Chart: data}, access)
	asked := ""
	pulled, err := c.Pull(t.Context(), r.Address+"/web:1.0.0", repo.PullOptions{Access: access, Cached: func(digest string) ([]byte, bool) {
		asked = digest
		return data, true
	}})
	if err != nil {
		t.Fatal(err)
	}
	if asked != repo.DigestOf(data) || !bytes.Equal(pulled.Chart, data) {
		t.Errorf("the cache was asked for %q, and should have been for %s", asked, repo.DigestOf(data))
	}
	if pulled.Provenance != nil {
		t.Error("a provenance file that nobody asked for")
	}
	_, err = c.Pull(t.Context(), r.Address+"/web:1.0.0", repo.PullOptions{Access: access, MaxBytes: 10})
	if err == nil || !strings.Contains(err.Error(), "and may have 10") {
		t.Errorf("a chart over the limit: %v", err)
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]testregistry.Config{
		"basic":     {Auth: "basic"},
		"token":     {Auth: "token"},
		"no OAuth2": {Auth: "token", NoOAuth2: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, access := start(t, cfg)
			file := filepath.Join(t.TempDir(), "registry", "config.json")
			c := oci.New(oci.Config{CredentialsFile: file, Wait: noWait})
			wrong := access
			wrong.Username, wrong.Password = testregistry.User, "wr0ng-passw0rd"
			err := c.Login(t.Context(), r.Address, wrong)
			if !errors.Is(err, oci.ErrUnauthorized) || !strings.Contains(err.Error(), `authenticating to "`+r.Address+`"`) || !strings.Contains(err.Error(), "401: unauthorized") {
				t.Errorf("a wrong password: %v", err)
			}
			if err != nil && strings.Contains(err.Error(), wrong.Password) {
				t.Errorf("the password is in the error: %v", err)
			}
			if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a failed login left a file (%v)", err)
			}
			right := access
			right.Username, right.Password = testregistry.User, testregistry.Password
			if err := c.Login(t.Context(), r.Address, right); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := "{\n\t\"auths\": {\n\t\t\"" + r.Address + "\": {\n\t\t\t\"auth\": \"dXNlcjpzZWNyZXQ=\"\n\t\t}\n\t}\n}"
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("the file is not as Helm writes it:\n%s", diff)
			}
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			for range 2 {
				if err := c.Logout(t.Context(), r.Address); err != nil {
					t.Errorf("logout: %v", err)
				}
			}
			if _, err := c.Versions(t.Context(), r.Address+"/x", access); !errors.Is(err, oci.ErrUnauthorized) {
				t.Errorf("after the logout: %v", err)
			}
		})
	}
}

// TestIdentityToken logs in without a user.
func TestIdentityToken(t *testing.T) {
	t.Parallel()
	r, access := start(t, testregistry.Config{Auth: "token"})
	c := newClient(t)
	given := access
	given.Password = testregistry.Password
	if err := c.Login(t.Context(), r.Address, given); err != nil {
		t.Fatal(err)
	}
	push(t, c, r.Address, oci.Package{Chart: archive(t, "web", "1.0.0")}, access)
}

func TestAnonymousToken(t *testing.T) {
	t.Parallel()
	r, access := start(t, testregistry.Config{Auth: "token"})
	c := newClient(t)
	given := access
	given.Username, given.Password = testregistry.User, testregistry.Password
	push(t, c, r.Address+"/public", oci.Package{Chart: archive(t, "web", "1.0.0")}, given)
	push(t, c, r.Address+"/private", oci.Package{Chart: archive(t, "web", "1.0.0")}, given)
	if _, err := c.Pull(t.Context(), r.Address+"/public/web:1.0.0", repo.PullOptions{Access: access}); err != nil {
		t.Error(err)
	}
	if _, err := c.Pull(t.Context(), r.Address+"/private/web:1.0.0", repo.PullOptions{Access: access}); !errors.Is(err, oci.ErrUnauthorized) {
		t.Errorf("a private chart without a login: %v", err)
	}
}

// TestDockersFile finds logins in Docker's file, by a credential helper too, and
// goes on where a helper is missing.
func TestDockersFile(t *testing.T) {
	t.Parallel()
	r, access := start(t, testregistry.Config{Auth: "basic"})
	write := func(t *testing.T, content string) string {
		path := filepath.Join(t.TempDir(), "config.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := `{"auths": {"https://` + r.Address + `/v1/": {"auth": "dXNlcjpzZWNyZXQ="}}}`
	for name, tc := range map[string]struct {
		own, docker string
		ok          bool
		text        string
	}{
		"docker's":           {docker: good, ok: true},
		"own first":          {own: good, docker: `{"auths": {"` + r.Address + `": {"auth": "dXNlcjpubw=="}}}`, ok: true},
		"other host":         {docker: strings.ReplaceAll(good, "127.0.0.1", "127.0.0.2"), text: "credential"},
		"helper is missing":  {docker: `{"credsStore": "no-such-helper"}`, text: "credential"},
		"own helper missing": {own: `{"credsStore": "no-such-helper"}`, docker: good, text: "docker-credential-no-such-helper"},
		"broken docker's":    {docker: `{"auths": `, text: "credential"},
		"secret in no form":  {own: `{"auths": {"` + r.Address + `": {"auth": "c2VjcmV0LXdpdGhvdXQtY29sb24="}}}`, text: "log in again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := oci.Config{Wait: noWait, DockerConfigFile: write(t, tc.docker), CredentialsFile: filepath.Join(t.TempDir(), "none")}
			if tc.own != "" {
				cfg.CredentialsFile = write(t, tc.own)
			}
			_, err := oci.New(cfg).Versions(t.Context(), r.Address+"/x", access)
			if tc.ok {
				if !repo.IsNotFound(err) {
					t.Errorf("the login does not count: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.text) || strings.Contains(err.Error(), "secret-without-colon") {
				t.Errorf("error %v, want %q", err, tc.text)
			}
		})
	}
}

// TestLegacyMediaType warns.
func TestLegacyMediaType(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c := oci.New(oci.Config{Wait: noWait, Log: slog.New(slog.NewTextHandler(&log, nil))})
	data := archive(t, "web", "1.0.0")
	srv := newFake(t)
	srv.chart(t, "web", "1.0.0", func(m *fakeManifest) {
		m.Layers[0] = srv.blob("application/tar+gzip", data)
	})
	pulled, err := c.Pull(t.Context(), srv.host+"/web:1.0.0", repo.PullOptions{Access: srv.access})
	if err != nil || !bytes.Equal(pulled.Chart, data) {
		t.Fatalf("the archive is another one, %v", err)
	}
	if !strings.Contains(log.String(), "chart media type application/tar+gzip is deprecated") {
		t.Errorf("no warning: %s", log.String())
	}
}

// TestDockerHub keeps the login for docker.io under its name of old, and gives it
// to the host that answers for it.
func TestDockerHub(t *testing.T) {
	t.Parallel()
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if r.Host != "registry-1.docker.io" || user != "me" || password != "secret" {
			w.Header().Set("Www-Authenticate", `Basic realm="hub"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`{"tags":["1.0.0"]}`))
	}))
	t.Cleanup(hub.Close)
	file := filepath.Join(t.TempDir(), "config.json")
	c := oci.New(oci.Config{CredentialsFile: file, Wait: noWait, Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(hub.URL) }})
	access := repo.Access{Username: "me", Password: "secret", PlainHTTP: true}
	if err := c.Login(t.Context(), "docker.io", access); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(data), `"https://index.docker.io/v1/"`) {
		t.Errorf("the file is %s, %v", data, err)
	}
	for _, access := range []repo.Access{{PlainHTTP: true}, access} {
		versions, err := c.Versions(t.Context(), "docker.io/me/web", access)
		if diff := cmp.Diff([]string{"1.0.0"}, versions); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	if err := c.Logout(t.Context(), "docker.io"); err != nil {
		t.Error(err)
	}
	if _, err := c.Versions(t.Context(), "docker.io/me/web", repo.Access{PlainHTTP: true}); !errors.Is(err, oci.ErrUnauthorized) {
		t.Errorf("after the logout: %v", err)
	}
}

// TestLoginsAtOnce loses none of them.
func TestLoginsAtOnce(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(srv.Close)
	file := filepath.Join(t.TempDir(), "registry", "config.json")
	var group sync.WaitGroup
	const n = 8
	for i := range n {
		group.Go(func() {
			// A client of its own stands for a process.
			c := oci.New(oci.Config{CredentialsFile: file, Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(srv.URL) }})
			if err := c.Login(t.Context(), fmt.Sprintf("r%d.example.com", i), repo.Access{Username: "me", Password: "p", PlainHTTP: true}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	data, err := os.ReadFile(file)
	if got := strings.Count(string(data), `"auth":`); got != n || err != nil {
		t.Errorf("%d of %d logins are in the file (%v)", got, n, err)
	}
}
