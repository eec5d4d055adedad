package kube_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/testcluster"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// writes counts the requests that are no reads.
type writes struct {
	next http.RoundTripper
	n    atomic.Int32
}

// RoundTrip implements http.RoundTripper.
func (w *writes) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		w.n.Add(1)
	}
	return w.next.RoundTrip(r)
}

// counting is a client that counts its writes.
func counting(t *testing.T) (*kube.Client, *writes) {
	t.Helper()
	cfg, err := kube.LoadConfig(kube.ConfigOptions{Path: cluster.Kubeconfig()})
	if err != nil {
		t.Fatal(err)
	}
	w := &writes{}
	cfg.REST.Wrap(func(next http.RoundTripper) http.RoundTripper { w.next = next; return w })
	c, err := kube.New(cfg.REST, kube.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, w
}

// unchangedKinds are objects as charts have them. Those marked with sent are written
// in a way that cannot be told from a change.
const unchangedKinds = `
{apiVersion: v1, kind: ConfigMap, metadata: {name: cm, labels: {a: b}}, data: {k: v, "1": "2"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: cm-binary, creationTimestamp: null}, binaryData: {k: aGVsbG8=}, immutable: false}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: cm-bare, annotations: {x: "1"}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: data}, type: Opaque, data: {k: aGVsbG8=}}
---
{apiVersion: v1, kind: Secret, metadata: {name: text-sent}, stringData: {k: hello}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: sa}, automountServiceAccountToken: false, imagePullSecrets: [{name: a}, {name: b}]}
---
{apiVersion: v1, kind: Service, metadata: {name: svc}, spec: {selector: {a: b}, ports: [{port: 80, name: http, targetPort: web}, {port: 443, name: https, protocol: TCP}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: two-protocols-sent}, spec: {ports: [{port: 53, name: u, protocol: UDP}, {port: 53, name: t}]}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: pvc}, spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1Gi}}}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: quantity-sent}, spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1024Mi}}}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: quota-sent}, spec: {hard: {pods: "100", services: 50}}}
---
{apiVersion: v1, kind: LimitRange, metadata: {name: limits-sent}, spec: {limits: [{type: Container, max: {cpu: "64"}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 0
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 25%}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {a.b/c: d}}
    spec:
      serviceAccountName: sa
      securityContext: {runAsUser: 1000, supplementalGroups: [1, 2]}
      tolerations: [{key: a, operator: Exists}]
      affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: z, labelSelector: {matchLabels: {app: web}}}}]}}
      initContainers: [{name: i, image: busybox, command: [sh, -c, "true"]}]
      containers:
      - name: c
        image: nginx:1
        args: [a, b]
        env: [{name: A, value: "1"}, {name: B, valueFrom: {secretKeyRef: {name: data, key: k}}}]
        ports: [{containerPort: 80, name: http}]
        resources: {requests: {cpu: 100m, memory: 128Mi}}
        readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 5}
        volumeMounts: [{name: v, mountPath: /v}, {name: w, mountPath: /w, readOnly: true}]
        securityContext: {capabilities: {drop: [ALL]}}
      volumes: [{name: v, configMap: {name: cm, items: [{key: k, path: p}]}}, {name: w, emptyDir: {}}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: defaults-in-a-list-sent}
spec:
  replicas: 0
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: busybox}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]
---
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: ds}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {nodeSelector: {no: where}, containers: [{name: c, image: busybox}]}}}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: cron}, spec: {schedule: "0 0 1 1 *", suspend: true, jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox}]}}}}}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: ing}, spec: {ingressClassName: x, tls: [{hosts: [a.example], secretName: s}], rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: svc, port: {name: http}}}}]}}]}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: np-sent}, spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {a: b}}}], ports: [{port: 80}]}]}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: rb}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}, subjects: [{kind: ServiceAccount, name: sa, namespace: x}]}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: hpa}, spec: {minReplicas: 1, maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: nobody}, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: pdb}, spec: {minAvailable: 1, selector: {matchLabels: {a: b}}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: empty-map-sent, labels: {}}, data: {}}
`

// TestUnchangedKinds: an object that was applied as it is now is not written again,
// and when it is, nothing changes.
func TestUnchangedKinds(t *testing.T) {
	t.Parallel()
	_, ns := onCluster(t)
	c, w := counting(t)
	for _, o := range build(t, c, ns, unchangedKinds) {
		t.Run(o.Ref.Kind+"/"+o.Ref.Name, func(t *testing.T) {
			if _, _, err := c.Apply(t.Context(), o, release.ApplyObjectOptions{}); err != nil {
				t.Fatal(err)
			}
			skipped := skips(t, c, w, o)
			if want := !strings.HasSuffix(o.Ref.Name, "-sent"); skipped != want {
				t.Errorf("not written: %v, want %v", skipped, want)
			}
		})
	}
}

// skips applies an object over what is live, and says whether it was not written. If
// so an apply must change nothing.
func skips(t *testing.T, c *kube.Client, w *writes, o release.Object) bool {
	t.Helper()
	live, err := c.Get(t.Context(), o.Ref)
	if err != nil {
		t.Fatal(err)
	}
	before := w.n.Load()
	_, action, err := c.Apply(t.Context(), o, release.ApplyObjectOptions{Live: live.Content})
	if err != nil || w.n.Load() > before {
		return false // it was written, or would not have been taken
	}
	if action != release.ActionUnchanged {
		t.Errorf("nothing was written, and it is %s", action)
	}
	live = quiet(t, c, o.Ref)
	after, _, err := c.Apply(t.Context(), o, release.ApplyObjectOptions{})
	if err != nil {
		t.Fatalf("not written, and cannot be: %v", err)
	}
	delete(live.Content, "status")
	delete(after.Content, "status")
	if diff := cmp.Diff(withoutTimes(live.Content), withoutTimes(after.Content)); diff != "" {
		t.Errorf("not written, and an apply changes it:\n%s", diff)
	}
	return true
}

// quiet is an object when controllers have done with it.
func quiet(t *testing.T, c *kube.Client, ref manifest.Ref) release.Object {
	t.Helper()
	for last := ""; ; time.Sleep(300 * time.Millisecond) {
		live, err := c.Get(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if version(live) == last {
			return live
		}
		last = version(live)
	}
}

// withoutTimes is an object without its version, and what the server notes of times.
func withoutTimes(content map[string]any) string {
	meta, _ := content["metadata"].(map[string]any)
	delete(meta, "resourceVersion")
	entries, _ := meta["managedFields"].([]any)
	var own []any
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		if entry["subresource"] != "status" {
			delete(entry, "time")
			own = append(own, entry)
		}
	}
	meta["managedFields"] = own
	text, err := json.MarshalIndent(content, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestUnchangedDrift: what has drifted is written, whoever did it and however.
func TestUnchangedDrift(t *testing.T) {
	t.Parallel()
	_, ns := onCluster(t)
	c, w := counting(t)
	const base = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, labels: {app: web}}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: a, image: "nginx:1", args: [x], env: [{name: X, value: "1"}, {name: Q, value: "2"}], ports: [{containerPort: 80}]}
      - {name: b, image: "nginx:1"}
`
	other := func(name, spec string) map[string]any {
		var o map[string]any
		text := fmt.Sprintf(`{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": %q, "labels": {"theirs": "x"}}, "spec": %s}`, name, spec)
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	for name, tt := range map[string]struct {
		// first is what was applied before, as edits of base; next what is applied.
		first, next []string
		// theirs is what somebody else applies, by force.
		theirs string
		csa    bool
		want   bool
	}{
		"nothing":              {want: true},
		"labels-of-others":     {theirs: `{}`, want: true},
		"a-field-of-others":    {theirs: `{"paused": true}`, want: true},
		"shared-field":         {theirs: `{"replicas": 0}`, want: true},
		"changed-by-others":    {theirs: `{"replicas": 1}`},
		"env-of-others":        {theirs: `{"template": {"spec": {"containers": [{"name": "a", "env": [{"name": "Z", "value": "3"}]}]}}}`, want: true},
		"env-changed":          {theirs: `{"template": {"spec": {"containers": [{"name": "a", "env": [{"name": "X", "value": "3"}]}]}}}`},
		"args-changed":         {theirs: `{"template": {"spec": {"containers": [{"name": "a", "args": ["y"]}]}}}`},
		"more-fields-before":   {first: []string{"replicas: 0", "replicas: 0\n  paused: true"}},
		"more-elements-before": {first: []string{`, ports: [{containerPort: 80}]`, `, ports: [{containerPort: 80}, {containerPort: 81}]`}},
		"fewer-before":         {first: []string{`args: [x], `, ""}},
		"another-value":        {next: []string{"nginx:1", "nginx:2"}},
		"another-order":        {next: []string{`{name: X, value: "1"}, {name: Q, value: "2"}`, `{name: Q, value: "2"}, {name: X, value: "1"}`}},
		"a-null":               {next: []string{"replicas: 0", "replicas: 0\n  paused: null"}},
		"a-default-spelt-out":  {next: []string{"replicas: 0", "replicas: 0\n  revisionHistoryLimit: 10"}},
		"a-list-emptied":       {next: []string{`args: [x]`, `args: []`}},
		"a-map-filled-by-the-server": {
			first: []string{"replicas: 0", "replicas: 0\n  strategy: {}"},
			next:  []string{"replicas: 0", "replicas: 0\n  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}"},
		},
		"a-map-filled-by-others": {
			first:  []string{`name: b, image`, `name: b, resources: {}, image`},
			theirs: `{"template": {"spec": {"containers": [{"name": "b", "resources": {"requests": {"cpu": "1"}}}]}}}`,
			next:   []string{`name: b, image`, `name: b, resources: {requests: {cpu: "1"}}, image`},
		},
		"a-map-emptied": {
			first: []string{`name: b, image`, `name: b, resources: {requests: {cpu: "1"}}, image`},
			next:  []string{`name: b, image`, `name: b, resources: {}, image`},
		},
		"an-element-of-others-before": {theirs: `{"template": {"spec": {"containers": [{"name": "0", "image": "x"}, {"name": "a"}, {"name": "1", "image": "x"}, {"name": "b"}]}}}`, want: true},
		"client-side":                 {csa: true},
	} {
		t.Run(name, func(t *testing.T) {
			edit := func(pairs []string) release.Object {
				return build(t, c, ns, strings.NewReplacer(append([]string{"NAME", name}, pairs...)...).Replace(base))[0]
			}
			opts := release.ApplyObjectOptions{}
			if tt.csa {
				opts.Method = release.ClientSide
			}
			if _, _, err := c.Apply(t.Context(), edit(tt.first), opts); err != nil {
				t.Fatal(err)
			}
			if tt.theirs != "" {
				patchAs(t, "/apis/apps/v1/namespaces/"+ns+"/deployments/"+name, "other", other(name, tt.theirs))
			}
			if got := skips(t, c, w, edit(tt.next)); got != tt.want {
				t.Errorf("not written: %v, want %v", got, tt.want)
			}
		})
	}
}

// TestUnchangedGoing: what is being deleted is written.
func TestUnchangedGoing(t *testing.T) {
	t.Parallel()
	_, ns := onCluster(t)
	c, w := counting(t)
	o := build(t, c, ns, "{apiVersion: v1, kind: ConfigMap, metadata: {name: going, finalizers: [example.com/keep]}}")[0]
	if _, _, err := c.Apply(t.Context(), o, release.ApplyObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(t.Context(), o.Ref, release.DeleteObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	if skips(t, c, w, o) {
		t.Error("it was not written")
	}
	free := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "going", "namespace": ns}}
	err := cluster.Do(t.Context(), http.MethodPut, "/api/v1/namespaces/"+ns+"/configmaps/going", free, nil)
	if status := new(testcluster.StatusError); err != nil && !strings.Contains(fmt.Sprint(err), "404") {
		t.Errorf("%v %v", err, status)
	}
}

// TestUnchangedTwice: of an object that stands in a manifest twice the last one counts,
// also where it is what was live before the first was applied.
func TestUnchangedTwice(t *testing.T) {
	e := newEmbedded(t)
	var err error
	e.chart, err = chart.Load(fstest.MapFS{
		"Chart.yaml": {Data: []byte("apiVersion: v2\nname: twice\nversion: 1.0.0\n")},
		"templates/a.yaml": {Data: []byte(`
{apiVersion: v1, kind: ConfigMap, metadata: {name: twice}, data: {k: first}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: twice}, data: {k: last}}
`)},
	}, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := e.deploy(t.Context(), "twice", i); err != nil {
			t.Fatal(err)
		}
		var live struct {
			Data map[string]string `json:"data"`
		}
		if err := cluster.Do(t.Context(), http.MethodGet, "/api/v1/namespaces/"+e.namespace+"/configmaps/twice", nil, &live); err != nil {
			t.Fatal(err)
		}
		if live.Data["k"] != "last" {
			t.Errorf("after deployment %d it has %v", i+1, live.Data)
		}
	}
}

// TestUnchangedLongAgo: what was seen long ago is looked at again.
func TestUnchangedLongAgo(t *testing.T) {
	t.Parallel()
	_, ns := onCluster(t)
	c, w := counting(t)
	o := build(t, c, ns, "{apiVersion: v1, kind: ConfigMap, metadata: {name: old}, data: {k: ours}}")[0]
	live, _, err := c.Apply(t.Context(), o, release.ApplyObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	longAgo := release.ApplyObjectOptions{Live: live.Content, Seen: time.Now().Add(-time.Minute), ForceConflicts: true}
	before := w.n.Load()
	if _, action, err := c.Apply(t.Context(), o, longAgo); err != nil || action != release.ActionUnchanged || w.n.Load() != before {
		t.Errorf("as it was: %s after %d writes, %v", action, w.n.Load()-before, err)
	}
	patchAs(t, "/api/v1/namespaces/"+ns+"/configmaps/old", "other", map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "old"}, "data": map[string]any{"k": "theirs"},
	})
	got, action, err := c.Apply(t.Context(), o, longAgo)
	if err != nil || action != release.ActionUpdated || at(got.Content, "data", "k") != "ours" {
		t.Errorf("changed meanwhile: %s to %v, %v", action, at(got.Content, "data", "k"), err)
	}
}
