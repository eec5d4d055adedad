package kube_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// listing is a list of records, as a server sends it.
type listing struct {
	protobuf bool
	list     interface {
		Marshal() ([]byte, error)
	}
}

func (l listing) answer(t *testing.T) *http.Response {
	t.Helper()
	if !l.protobuf {
		body, err := json.Marshal(l.list)
		if err != nil {
			t.Error(err)
		}
		return answer(200, string(body))
	}
	return answerProtobuf(t, 200, l.list)
}

// answerProtobuf makes an answer in Kubernetes' protobuf.
func answerProtobuf(t *testing.T, code int, v interface{ Marshal() ([]byte, error) }) *http.Response {
	t.Helper()
	raw, err := v.Marshal()
	if err != nil {
		t.Error(err)
	}
	envelope := runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: "v1", Kind: "List"}, Raw: raw}
	body, err := envelope.Marshal()
	if err != nil {
		t.Error(err)
	}
	resp := answer(code, "k8s\x00"+string(body))
	resp.Header.Set("Content-Type", "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
	return resp
}

func recordMetaOf(name string, revision int) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: release.RecordName(name, revision), Namespace: "ns",
		Labels: map[string]string{"name": name, "owner": "helm", "status": "deployed", "version": fmt.Sprint(revision)},
	}
}

func metadataPage(next string, items ...metav1.ObjectMeta) *metav1.PartialObjectMetadataList {
	page := &metav1.PartialObjectMetadataList{ListMeta: metav1.ListMeta{Continue: next}}
	for _, m := range items {
		page.Items = append(page.Items, metav1.PartialObjectMetadata{ObjectMeta: m})
	}
	return page
}

func expired(token string) *http.Response {
	return answer(410, fmt.Sprintf(`{"kind":"Status","status":"Failure","code":410,"reason":"Expired","message":"too old","metadata":{"continue":%q}}`, token))
}

// listWith lists with a server that gives these answers, and returns what there
// was, and which requests were sent.
func listWith(t *testing.T, opts release.ListOptions, answers ...func() (*http.Response, error)) (got, sent []string, err error) {
	t.Helper()
	n := 0
	server := &fake{handle: func(r *http.Request) (*http.Response, error) {
		if want := "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList"; !strings.HasPrefix(r.Header.Get("Accept"), want) {
			t.Errorf("accepted %q", r.Header.Get("Accept"))
		}
		n++
		return answers[n-1]()
	}}
	for h, err := range kube.NewSecretStore(server.client(t, kube.Options{})).List(t.Context(), opts) {
		if err != nil {
			return got, server.sent(), err
		}
		got = append(got, fmt.Sprintf("%s/%s.%d %s", h.Key.Namespace, h.Key.Name, h.Revision, h.Status))
	}
	return got, server.sent(), nil
}

// TestStoreLists: metadata alone is asked for, page by page, in protobuf or in JSON;
// what is no record is left out.
func TestStoreLists(t *testing.T) {
	t.Parallel()
	for _, protobuf := range []bool{false, true} {
		page := func(next string, items ...metav1.ObjectMeta) func() (*http.Response, error) {
			return func() (*http.Response, error) { return listing{protobuf, metadataPage(next, items...)}.answer(t), nil }
		}
		got, sent, err := listWith(t, release.ListOptions{Selector: "team=edge"},
			page("t1", recordMetaOf("db", 1), metav1.ObjectMeta{Name: "odd", Namespace: "ns", Labels: map[string]string{"owner": "helm"}}),
			page("", recordMetaOf("web", 1), recordMetaOf("web", 2)),
		)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"ns/db.1 deployed", "ns/web.1 deployed", "ns/web.2 deployed"}, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{
			"GET /api/v1/secrets?labelSelector=owner%3Dhelm%2Cteam%3Dedge&limit=50000",
			"GET /api/v1/secrets?continue=t1&labelSelector=owner%3Dhelm%2Cteam%3Dedge&limit=50000",
		}, sent); diff != "" {
			t.Error(diff)
		}
	}
}

// TestStoreListsAgain: a list that has expired goes on as the server offers, or
// begins again, and one that was cut off is read again; each record is there once.
func TestStoreListsAgain(t *testing.T) {
	t.Parallel()
	a, b, c := recordMetaOf("a", 1), recordMetaOf("b", 1), recordMetaOf("c", 1)
	all := []string{"ns/a.1 deployed", "ns/b.1 deployed", "ns/c.1 deployed"}
	page := func(next string, items ...metav1.ObjectMeta) func() (*http.Response, error) {
		return func() (*http.Response, error) { return answerProtobuf(t, 200, metadataPage(next, items...)), nil }
	}
	gone := func(token string) func() (*http.Response, error) {
		return func() (*http.Response, error) { return expired(token), nil }
	}
	cut := func(next string, items ...metav1.ObjectMeta) func() (*http.Response, error) {
		return func() (*http.Response, error) {
			resp := answerProtobuf(t, 200, metadataPage(next, items...))
			body, _ := io.ReadAll(resp.Body)
			resp.Body = io.NopCloser(strings.NewReader(string(body[:len(body)-40])))
			return resp, nil
		}
	}
	for _, tt := range []struct {
		name    string
		answers []func() (*http.Response, error)
		tokens  []string
	}{
		{"goes on", []func() (*http.Response, error){page("t1", a), gone("t2"), page("", b, c)}, []string{"", "t1", "t2"}},
		{"begins again", []func() (*http.Response, error){page("t1", a), gone(""), page("t2", a, b), page("", c)}, []string{"", "t1", "", "t2"}},
		{"cut off", []func() (*http.Response, error){page("t1", a), cut("", b, c), page("", b, c)}, []string{"", "t1", "t1"}},
		{"cut off at once", []func() (*http.Response, error){text(200, ""), text(200, `{"items":[`), page("", a, b, c)}, []string{"", "", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, sent, err := listWith(t, release.ListOptions{}, tt.answers...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(all, got); diff != "" {
				t.Error(diff)
			}
			for i, token := range tt.tokens {
				if i >= len(sent) || strings.Contains(sent[i], "continue=") != (token != "") || !strings.Contains(sent[i], token) {
					t.Errorf("requests %q, want the tokens %q", sent, tt.tokens)
				}
			}
		})
	}
	gones := []func() (*http.Response, error){page("t1", a)}
	for range 4 {
		gones = append(gones, gone(""), page("t1", a))
	}
	if _, sent, err := listWith(t, release.ListOptions{}, gones...); err == nil || !strings.Contains(err.Error(), "too old") {
		t.Errorf("a list that expires again and again: error %v after %d requests", err, len(sent))
	}
}

// TestStoreListFails: what is no list is an error, also where it is said to be
// protobuf; a refusal in protobuf is read.
func TestStoreListFails(t *testing.T) {
	t.Parallel()
	protobuf := func(body string) func() (*http.Response, error) {
		return func() (*http.Response, error) {
			resp := answer(200, body)
			resp.Header.Set("Content-Type", "application/vnd.kubernetes.protobuf")
			return resp, nil
		}
	}
	forbidden := func() (*http.Response, error) {
		return answerProtobuf(t, 403, &metav1.Status{
			Status: "Failure", Code: 403, Reason: metav1.StatusReasonForbidden, Message: `secrets is forbidden: User "eve"`,
		}), nil
	}
	for _, tt := range []struct {
		name   string
		answer func() (*http.Response, error)
		want   string
	}{
		{"a text", protobuf("not protobuf at all"), "it is said to be protobuf and is not"},
		{"an odd field", protobuf("k8s\x00\x08\x01"), "a list in protobuf has a field with the tag 8"},
		{"a huge field", protobuf("k8s\x00\x0a\xff\xff\xff\xff\xff\xff\x01"), "a list in protobuf has a field of"},
		{"a huge item", protobuf("k8s\x00\x12\xff\xff\xff\xff\x0f\x12\xff\xff\xff\x7f"), "at most 8388608 are read"},
		{"a damaged item", protobuf("k8s\x00\x12\x05\x12\x03\x0a\x09\x0a"), "unexpected EOF"},
		{"a JSON list", text(200, `[]`), "found [ where { is expected"},
		{"items that are none", text(200, `{"items":{}}`), "found { where a list is expected"},
		{"forbidden", forbidden, `list: failed to list: secrets is forbidden: User "eve"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := &fake{handle: func(*http.Request) (*http.Response, error) { return tt.answer() }}
			store := kube.NewSecretStore(server.client(t, kube.Options{RetryFor: -1}))
			for _, err := range store.List(t.Context(), release.ListOptions{}) {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v, want one with %q", err, tt.want)
				}
				if (tt.name == "forbidden") != errors.Is(err, release.ErrForbidden) {
					t.Errorf("%v: is it ErrForbidden?", err)
				}
			}
		})
	}
}

// TestStoreSweeps: many records are read by one list, of Secrets and ConfigMaps, in
// both forms.
func TestStoreSweeps(t *testing.T) {
	t.Parallel()
	rel := releasetest.NewRelease(web, 3, release.StatusDeployed)
	payload, err := release.Encode(rel)
	if err != nil {
		t.Fatal(err)
	}
	secrets := &corev1.SecretList{Items: []corev1.Secret{{ObjectMeta: recordMetaOf("web", 3), Data: map[string][]byte{"release": payload}}}}
	maps := &corev1.ConfigMapList{Items: []corev1.ConfigMap{{ObjectMeta: recordMetaOf("web", 3), Data: map[string]string{"release": string(payload)}}}}
	for _, tt := range []struct {
		path     string
		newStore func(*kube.Client) *kube.Store
		list     listing
	}{
		{"secrets", kube.NewSecretStore, listing{false, secrets}},
		{"secrets", kube.NewSecretStore, listing{true, secrets}},
		{"configmaps", kube.NewConfigMapStore, listing{false, maps}},
		{"configmaps", kube.NewConfigMapStore, listing{true, maps}},
	} {
		server := &fake{handle: func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("Accept-Encoding") != "identity" {
				t.Errorf("accepted encoding %q", r.Header.Get("Accept-Encoding"))
			}
			return tt.list.answer(t), nil
		}}
		n := 0
		for found, err := range tt.newStore(server.client(t, kube.Options{})).Sweep(t.Context(), release.ListOptions{Namespace: "ns", Name: "web", Selector: "status in (deployed)"}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
			sum, err := found.Summarize(found.Payload)
			if err != nil || sum != rel.Summary() {
				t.Errorf("%s: %+v, error %v", tt.path, sum, err)
			}
		}
		want := []string{"GET /api/v1/namespaces/ns/" + tt.path + "?labelSelector=owner%3Dhelm%2Cname%3Dweb%2Cstatus+in+%28deployed%29&limit=5000"}
		if diff := cmp.Diff(want, server.sent()); diff != "" || n != 1 {
			t.Errorf("%d records: %s", n, diff)
		}
	}
}

// TestStoreListsSince: a list as of a version asks for it on the first page, and for now
// where the server knows of no such version.
func TestStoreListsSince(t *testing.T) {
	t.Parallel()
	page := func(next string, items ...metav1.ObjectMeta) func() (*http.Response, error) {
		return func() (*http.Response, error) { return answerProtobuf(t, 200, metadataPage(next, items...)), nil }
	}
	ahead := text(504, `{"kind":"Status","status":"Failure","code":504,"reason":"Timeout","message":"Too large resource version: 77, current: 5",
		"details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1}}`)
	const list, since = "GET /api/v1/secrets?labelSelector=owner%3Dhelm&limit=50000", "&resourceVersion=77&resourceVersionMatch=NotOlderThan"
	next := strings.ReplaceAll(list, "?", "?continue=t1&")
	for _, tt := range []struct {
		name    string
		answers []func() (*http.Response, error)
		want    []string
	}{
		{"two pages", []func() (*http.Response, error){page("t1", recordMetaOf("a", 1)), page("", recordMetaOf("b", 1))}, []string{list + since, next}},
		{"a version that is not there", []func() (*http.Response, error){ahead, page("", recordMetaOf("a", 1), recordMetaOf("b", 1))}, []string{list + since, list}},
	} {
		got, sent, err := listWith(t, release.ListOptions{Since: "77"}, tt.answers...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"ns/a.1 deployed", "ns/b.1 deployed"}, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.want, sent); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}
