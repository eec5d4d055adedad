package kube_test

import (
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestHTTP2Ends: connections that end under HTTP/2 say so in words alone.
func TestHTTP2Ends(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"http2: client connection force closed via ClientConn.Close", "http2: client connection lost",
		"http2: client conn is closed", "http2: server sent GOAWAY and closed the connection; LastStreamID=1",
		"stream error: stream ID 3; INTERNAL_ERROR; received from peer",
	} {
		server := script("/api/v1/namespaces/ns/configmaps/a", broken(errors.New(text)), ok)
		if _, err := server.client(t, kube.Options{}).Get(t.Context(), configMap); err != nil {
			t.Error(err)
		}
	}
}

// TestWebPage: an answer of somebody who stands before the server is called that, also by
// who reads lists as they come.
func TestWebPage(t *testing.T) {
	t.Parallel()
	server := &fake{handle: func(*http.Request) (*http.Response, error) {
		resp := answer(200, "<html>login</html>")
		resp.Header.Set("Content-Type", "text/html; charset=utf-8")
		return resp, nil
	}}
	c := server.client(t, kube.Options{RetryFor: -1})
	_, err := c.Get(t.Context(), configMap)
	errs := []error{err}
	for _, err := range kube.NewSecretStore(c).List(t.Context(), release.ListOptions{Namespace: "ns"}) {
		errs = append(errs, err)
	}
	for _, err := range errs {
		if err == nil || !strings.Contains(err.Error(), "it is a web page and not an API server's") {
			t.Errorf("error %v", err)
		}
	}
	if len(errs) != 2 {
		t.Errorf("errors %v", errs)
	}
}

// TestPageCutOff: an answer that ends too early, but with a brace, is asked for again.
func TestPageCutOff(t *testing.T) {
	t.Parallel()
	const list = `{"items":[` + configMapJSON + `,` + configMapJSON + `]}`
	cut := list[:strings.Index(list, "},")+1]
	names := []string{"a", "b", "c", "d"}
	refs := make([]manifest.Ref, 0, len(names))
	for _, name := range names {
		ref := configMap
		ref.Name = name
		refs = append(refs, ref)
	}
	for _, times := range []int{1, 3} {
		asked := 0
		server := &fake{handle: func(r *http.Request) (*http.Response, error) {
			if r.URL.Path != "/api/v1/namespaces/ns/configmaps" {
				return nil, nil
			}
			if asked++; asked <= times {
				return answer(200, cut), nil
			}
			return answer(200, list), nil
		}}
		objects, err := server.client(t, kube.Options{}).GetAll(t.Context(), refs)
		if err != nil || objects[0] == nil {
			t.Errorf("cut off %d times: %v, %v", times, objects, err)
		}
	}
}

// TestTablesShowWhatMayBeRead: what may not be read is said, and keeps nothing else from
// being shown.
func TestTablesShowWhatMayBeRead(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	deployment := manifest.Ref{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "ns", Name: "web"}
	server := &fake{handle: func(r *http.Request) (*http.Response, error) {
		switch r.URL.Path {
		case "/apis/apps/v1/namespaces/ns/deployments/web":
			return answer(200, `{"kind":"Table","columnDefinitions":[{"name":"Name"}],"rows":[{"cells":["web"],"object":{"spec":{"selector":{"matchLabels":{"app":"web"}}}}}]}`), nil
		case "/api/v1/namespaces/ns/pods", "/api/v1/namespaces/ns/configmaps/a":
			return failure(403, "Forbidden", "not allowed: "+r.URL.Path), nil
		}
		return nil, nil
	}}
	c := server.client(t, kube.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	tables, err := c.Tables(t.Context(), []manifest.Ref{configMap, deployment})
	if err != nil || len(tables) != 1 || tables[0].Title != "v1/Deployment" {
		t.Errorf("%v, %v", tables, err)
	}
	for _, want := range []string{"/pods", "/configmaps/a"} {
		if !strings.Contains(log.String(), "not allowed: /api/v1/namespaces/ns"+want) {
			t.Errorf("the log lacks %s: %s", want, &log)
		}
	}
}

// TestSecretsInTheWordsOfOthers: what an admission webhook repeats of a Secret is neither
// in the error nor in the log of requests that are sent again, nor in warnings.
func TestSecretsInTheWordsOfOthers(t *testing.T) {
	t.Parallel()
	const value, before = "new\"value", "old-value"
	encoded := base64.StdEncoding.EncodeToString([]byte(value))
	words := []string{value, `new\"value`, encoded, before, base64.StdEncoding.EncodeToString([]byte(before))}
	ref := manifest.Ref{APIVersion: "v1", Kind: "Secret", Namespace: "ns", Name: "s"}
	secret := func(key, text string) map[string]any {
		return map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "s"}, key: map[string]any{"p": text, "short": "no"}}
	}
	for _, opts := range []release.ApplyObjectOptions{
		{}, {Method: release.ClientSide}, {Method: release.ClientSide, Replace: true},
	} {
		for _, live := range []string{"", `{"metadata":{"name":"s","resourceVersion":"1"}}`} {
			var log strings.Builder
			server := &fake{handle: func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodGet && live != "" && strings.HasSuffix(r.URL.Path, "/secrets/s") {
					return answer(200, live), nil
				}
				if r.Method == http.MethodGet {
					return nil, nil
				}
				resp := failure(500, "InternalError", "denied, no: "+strings.Join(words, " "))
				resp.Header.Set("Warning", `299 - "look: `+encoded+`"`)
				return resp, nil
			}}
			c := server.client(t, kube.Options{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
			opts.Previous = secret("stringData", before)
			_, _, err := c.Apply(t.Context(), release.Object{Ref: ref, Content: secret("data", encoded)}, opts)
			if err == nil || !strings.Contains(err.Error(), "denied, no: (hidden)") || !strings.Contains(log.String(), "sent again") {
				t.Fatalf("error %v, log %s", err, &log)
			}
			for _, word := range words {
				if strings.Contains(err.Error()+log.String(), word) {
					t.Errorf("%s is shown: %v\n%s", word, err, &log)
				}
			}
		}
	}
}

// TestRefusedNameOfSecret: the name of a Secret that the server refuses is shown, other
// values are not.
func TestRefusedNameOfSecret(t *testing.T) {
	t.Parallel()
	server := &fake{handle: func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet {
			return nil, nil
		}
		return failure(422, "Invalid", `Secret "Bad" is invalid: metadata.name: Invalid value: "Bad": no, type: Invalid value: "BadType": no`), nil
	}}
	_, _, err := server.client(t, kube.Options{}).Apply(t.Context(), release.Object{
		Ref:     manifest.Ref{APIVersion: "v1", Kind: "Secret", Namespace: "ns", Name: "Bad"},
		Content: map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "Bad"}},
	}, release.ApplyObjectOptions{})
	if err == nil || !strings.HasSuffix(err.Error(), `metadata.name: Invalid value: "Bad": no, type: Invalid value: (hidden): no`) {
		t.Errorf("error %v", err)
	}
}

// TestListsThatGoRound: something between here and the server may give the same page for
// every token.
func TestListsThatGoRound(t *testing.T) {
	t.Parallel()
	server := &fake{handle: func(r *http.Request) (*http.Response, error) {
		if r.URL.Query().Get("limit") == "" {
			return nil, nil
		}
		return answer(200, `{"metadata":{"continue":"again"},"items":[{"metadata":{"name":"a"}}]}`), nil
	}}
	c := server.client(t, kube.Options{})
	const want = "goes round in circles"
	if _, err := c.Lookup(t.Context(), "v1", "ConfigMap", "ns", ""); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("lookup: %v", err)
	}
	if _, err := kube.NewSecretStore(c).Namespaces(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("namespaces: %v", err)
	}
}

// TestRedirects: a server may redirect to itself; another host is not asked, for it would
// be shown who is asking.
func TestRedirects(t *testing.T) {
	t.Parallel()
	for to, wants := range map[string]string{
		"/api/v1/namespaces/ns/configmaps/b":         "",
		"http://elsewhere.test/api":                  "redirects to http://elsewhere.test, which is not followed",
		"https://cluster.test/api":                   "redirects to https://cluster.test, which is not followed",
		"/api/v1/namespaces/ns/configmaps/a?forever": "redirects more than",
	} {
		server := &fake{handle: func(r *http.Request) (*http.Response, error) {
			switch {
			case r.URL.Host != "cluster.test" || r.URL.Scheme != "http":
				t.Errorf("%s was asked", r.URL)
			case r.URL.Path == "/api/v1/namespaces/ns/configmaps/a":
				resp := answer(307, "")
				resp.Header.Set("Location", to)
				return resp, nil
			case r.URL.Path == "/api/v1/namespaces/ns/configmaps/b":
				return answer(200, configMapJSON), nil
			}
			return nil, nil
		}}
		_, err := server.client(t, kube.Options{}).Get(t.Context(), configMap)
		if (err != nil) != (wants != "") || err != nil && !strings.Contains(err.Error(), wants) {
			t.Errorf("%s: error %v", to, err)
		}
	}
}

// TestSilentGroup: what a group has whose server does not answer is not known, which is
// not the same as nothing.
func TestSilentGroup(t *testing.T) {
	t.Parallel()
	for apiVersion, plain := range map[string]bool{"metrics.k8s.io/v1beta1": false, "broken.example.com/v1": true} {
		doc := manifest.Manifest{Content: "apiVersion: " + apiVersion + "\nkind: Thing\nmetadata: {name: a}\n"}
		c := (&fake{plain: plain}).client(t, kube.Options{})
		_, err := c.Build(t.Context(), []manifest.Manifest{doc}, release.BuildOptions{Namespace: "ns"})
		if !errors.Is(err, kube.ErrSilentGroup) || errors.Is(err, release.ErrBuild) {
			t.Errorf("%s: error %v", apiVersion, err)
		}
	}
}
