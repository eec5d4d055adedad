package kube_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// metas are names and owners of the objects of one kind in a namespace.
type metas struct {
	Items []struct {
		Metadata struct {
			Name            string            `json:"name"`
			Labels          map[string]string `json:"labels"`
			UID             string            `json:"uid"`
			OwnerReferences []struct {
				UID string `json:"uid"`
			} `json:"ownerReferences"`
		} `json:"metadata"`
	} `json:"items"`
}

// records are the objects of a namespace that hold records, or chunks of them.
func records(t *testing.T, path string) (heads, chunks metas) {
	t.Helper()
	var all metas
	if err := cluster.Do(t.Context(), http.MethodGet, path, nil, &all); err != nil {
		t.Fatal(err)
	}
	for _, o := range all.Items {
		switch {
		case o.Metadata.Labels["owner"] == "helm":
			heads.Items = append(heads.Items, o)
		case strings.HasPrefix(o.Metadata.Name, "sh.helm."):
			chunks.Items = append(chunks.Items, o)
		}
	}
	return heads, chunks
}

// TestLargeRecordsOnCluster keeps records of 5 and 20 MiB of incompressible
// manifest in a real cluster.
func TestLargeRecordsOnCluster(t *testing.T) {
	t.Parallel()
	client, _ := onCluster(t)
	for _, kind := range []string{"secrets", "configmaps"} {
		for _, size := range []int{5, 20} {
			t.Run(fmt.Sprintf("%s, %d MiB", kind, size), func(t *testing.T) {
				t.Parallel()
				store := kube.NewSecretStore(client)
				if kind == "configmaps" {
					store = kube.NewConfigMapStore(client)
				}
				ns := cluster.Namespace(t)
				l := &largeTest{T: t, store: store, key: release.Key{Namespace: ns, Name: "web"}, path: "/api/v1/namespaces/" + ns + "/" + kind}
				l.run(size << 20)
			})
		}
	}
}

type largeTest struct {
	*testing.T
	store *kube.Store
	key   release.Key
	path  string
}

func (l *largeTest) run(size int) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	rel := largeRelease(l.key, 1, size/2)
	l.must("create", l.store.Create(l.Context(), rel))
	l.Logf("created after %v", time.Since(began))
	heads, chunks := records(l.T, l.path)
	if len(heads.Items) != 1 || len(chunks.Items) < size/2/(1<<20) {
		l.Fatalf("%d heads, %d chunks", len(heads.Items), len(chunks.Items))
	}
	for _, c := range chunks.Items {
		if owners := c.Metadata.OwnerReferences; len(owners) != 1 || owners[0].UID != heads.Items[0].Metadata.UID {
			l.Errorf("%s is owned by %v", c.Metadata.Name, owners)
		}
	}
	began = time.Now()
	rel.Info.Status = release.StatusDeployed
	l.must("update", l.store.Update(l.Context(), rel))
	l.Logf("updated after %v", time.Since(began))
	l.must("renew", l.store.Renew(l.Context(), rel, map[string]string{"a": "b"}))
	began = time.Now()
	got, err := l.store.Get(l.Context(), l.key, 1)
	l.must("get", err)
	l.Logf("read after %v", time.Since(began))
	if got.Manifest != rel.Manifest || got.Info.Status != release.StatusDeployed || got.ResourceVersion != rel.ResourceVersion {
		l.Errorf("it reads with status %s, %d bytes of manifest", got.Info.Status, len(got.Manifest))
	}
	runtime.ReadMemStats(&after)
	l.Logf("allocated in all: %d MiB", (after.TotalAlloc-before.TotalAlloc)>>20)
	list, err := release.Records{Store: l.store}.List(l.Context(), release.ListFilter{Namespace: l.key.Namespace})
	if l.must("list", err); len(list) != 1 || list[0] != rel.Summary() {
		l.Errorf("listed: %+v", list)
	}
	l.damaged(rel.Parts.ChunkName(1))
	l.must("delete", l.store.Delete(l.Context(), l.key, 1))
	l.none("after a deletion")
	l.cutOff(rel)
	l.deletedByOthers()
}

func (l *largeTest) must(what string, err error) {
	l.Helper()
	if err != nil {
		l.Fatalf("%s: %v", what, err)
	}
}

func (l *largeTest) none(when string) {
	l.Helper()
	if heads, chunks := records(l.T, l.path); len(heads.Items)+len(chunks.Items) > 0 {
		l.Errorf("%s there are %d heads and %d chunks", when, len(heads.Items), len(chunks.Items))
	}
}

// damaged writes other data into a chunk, then removes it.
func (l *largeTest) damaged(chunk string) {
	var o map[string]any
	l.must("chunk", l.do(http.MethodGet, chunk, nil, &o))
	l.must("chunk", l.do(http.MethodDelete, chunk, nil, nil))
	o["metadata"] = map[string]any{"name": chunk}
	for _, field := range []string{"data", "binaryData"} {
		if _, ok := o[field]; ok {
			o[field] = map[string]any{"part": base64.StdEncoding.EncodeToString([]byte("short"))}
		}
	}
	for _, want := range []string{"is damaged: it has 5 bytes, not", "is missing"} {
		if want != "is missing" {
			l.must("chunk", l.do(http.MethodPost, "", o, nil))
		}
		_, err := l.store.Get(l.Context(), l.key, 1)
		if _, ok := errors.AsType[*release.RecordError](err); !ok || !strings.Contains(err.Error(), "("+chunk+") "+want) {
			l.Errorf("error %v, want one that %s %s", err, chunk, want)
		}
		if want != "is missing" {
			l.must("chunk", l.do(http.MethodDelete, chunk, nil, nil))
		}
	}
}

func (l *largeTest) do(method, name string, in, out any) error {
	return cluster.Do(l.Context(), method, strings.TrimSuffix(l.path+"/"+name, "/"), in, out)
}

// cutOff creates a record for whose head the time does not suffice, and then a
// smaller one of the same revision.
func (l *largeTest) cutOff(rel *release.Release) {
	ctx, cancel := context.WithCancel(l.Context())
	created := make(chan error, 1)
	go func() { created <- l.store.Create(ctx, rel) }()
	for {
		heads, chunks := records(l.T, l.path)
		if len(heads.Items) > 0 {
			break // it was too fast
		}
		if len(chunks.Items) > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-created; err != nil {
		l.Logf("cut off: %v", err)
	}
	if err := l.store.Delete(l.Context(), l.key, 1); err != nil && !errors.Is(err, release.ErrNotFound) {
		l.Fatal(err)
	}
	l.none("after a creation that was cut off and a deletion")
}

// deletedByOthers removes the head as Helm or kubectl would.
func (l *largeTest) deletedByOthers() {
	rel := largeRelease(l.key, 7, 2<<20)
	l.must("create", l.store.Create(l.Context(), rel))
	l.must("delete", l.do(http.MethodDelete, release.RecordName(l.key.Name, 7), nil, nil))
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		_, chunks := records(l.T, l.path)
		if len(chunks.Items) == 0 {
			return
		}
		if time.Now().After(deadline) {
			l.Fatalf("%d chunks outlive their head", len(chunks.Items))
		}
	}
}
