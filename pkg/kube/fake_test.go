package kube_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/rest"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
)

// fake is an API server in memory: it answers discovery by itself and leaves
// the rest to its handler.
type fake struct {
	// handle answers a request; nil, or no answer, is 404.
	handle func(r *http.Request) (*http.Response, error)
	// plain: it knows no aggregated discovery.
	plain bool

	mu       sync.Mutex
	requests []string
}

// RoundTrip notes the request and answers it.
func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.requests = append(f.requests, r.Method+" "+r.URL.RequestURI())
	f.mu.Unlock()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if f.handle != nil {
		if resp, err := f.handle(r); resp != nil || err != nil {
			return resp, err
		}
	}
	switch r.URL.Path {
	case "/version":
		return answer(200, `{"major":"1","minor":"36","gitVersion":"v1.36.3"}`), nil
	case "/api", "/apis":
		if f.plain {
			break
		}
		resp := answer(200, discovery[r.URL.Path])
		resp.Header.Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
		return resp, nil
	}
	if text, ok := plainDiscovery[r.URL.Path]; ok && f.plain {
		return answer(200, text), nil
	}
	return answer(404, "404 page not found"), nil
}

// sent are the requests so far, without those of discovery.
func (f *fake) sent() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, r := range f.requests {
		if r != "GET /api" && r != "GET /apis" {
			out = append(out, r)
		}
	}
	return out
}

// client is a client of the fake.
func (f *fake) client(t *testing.T, opts kube.Options) *kube.Client {
	t.Helper()
	c, err := kube.New(&rest.Config{Host: "http://cluster.test", Transport: f}, opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answer makes an answer of JSON.
func answer(code int, body string) *http.Response {
	return &http.Response{
		StatusCode: code, Status: http.StatusText(code), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
	}
}

// failure makes an answer that is a Status.
func failure(code int, reason, message string) *http.Response {
	body, _ := json.Marshal(map[string]any{
		"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message,
	})
	return answer(code, string(body))
}

func requestBody(t *testing.T, r *http.Request) map[string]any {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(data))
	var body map[string]any
	if err := kjson.Unmarshal(data, &body); err != nil {
		t.Error(err)
	}
	return body
}

var discovery = map[string]string{
	"/api": `{"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[{"version":"v1","freshness":"Current","resources":[
		{"resource":"configmaps","responseKind":{"kind":"ConfigMap"},"scope":"Namespaced"},
		{"resource":"namespaces","responseKind":{"kind":"Namespace"},"scope":"Cluster","subresources":[{"subresource":"status","responseKind":{"kind":"Namespace"}}]},
		{"resource":"pods","responseKind":{"kind":"Pod"},"scope":"Namespaced","subresources":[{"subresource":"eviction","responseKind":{"group":"policy","version":"v1","kind":"Eviction"}}]},
		{"resource":"secrets","responseKind":{"kind":"Secret"},"scope":"Namespaced"}
	]}]}]}`,
	"/apis": `{"kind":"APIGroupDiscoveryList","items":[
		{"metadata":{"name":"apps"},"versions":[{"version":"v1","freshness":"Current","resources":[
			{"resource":"deployments","responseKind":{"kind":"Deployment"},"scope":"Namespaced"}]}]},
		{"metadata":{"name":"batch"},"versions":[{"version":"v1","freshness":"Current","resources":[
			{"resource":"jobs","responseKind":{"kind":"Job"},"scope":"Namespaced"}]}]},
		{"metadata":{"name":"apiextensions.k8s.io"},"versions":[{"version":"v1","freshness":"Current","resources":[
			{"resource":"customresourcedefinitions","responseKind":{"kind":"CustomResourceDefinition"},"scope":"Cluster"}]}]},
		{"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale"}]}
	]}`,
}

var plainDiscovery = map[string]string{
	"/api": `{"kind":"APIVersions","versions":["v1"]}`,
	"/api/v1": `{"kind":"APIResourceList","groupVersion":"v1","resources":[
		{"name":"configmaps","namespaced":true,"kind":"ConfigMap"},{"name":"pods","namespaced":true,"kind":"Pod"},
		{"name":"pods/eviction","namespaced":true,"kind":"Eviction"},{"name":"namespaces","namespaced":false,"kind":"Namespace"}]}`,
	"/apis": `{"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1"}]},
		{"name":"broken.example.com","versions":[{"groupVersion":"broken.example.com/v1"}]}]}`,
	"/apis/apps/v1": `{"kind":"APIResourceList","groupVersion":"apps/v1","resources":[{"name":"deployments","namespaced":true,"kind":"Deployment"}]}`,
}
