package kube_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	kjson "k8s.io/apimachinery/pkg/util/json"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// stateOf is an object that is not ready, called a with uid u, of YAML.
func stateOf(t *testing.T, apiVersion, kind, text string) release.State {
	t.Helper()
	var o map[string]any
	if err := kjson.Unmarshal([]byte(thing(t, apiVersion, kind, text)), &o); err != nil {
		t.Fatal(err)
	}
	o["metadata"].(map[string]any)["uid"] = "u"
	return release.State{
		Ref:    manifest.Ref{APIVersion: apiVersion, Kind: kind, Namespace: "ns", Name: "a"},
		Status: release.ObjectInProgress, Object: o,
	}
}

// namespaceWith is a server whose namespace ns has lists of JSON objects, by
// resource; logs are by pod and container.
func namespaceWith(lists, logs map[string]string) *fake {
	return &fake{handle: func(r *http.Request) (*http.Response, error) {
		_, path, _ := strings.Cut(r.URL.Path, "/namespaces/ns/")
		if text, ok := logs[path+" "+r.URL.Query().Get("container")]; ok {
			return answer(200, text), nil
		}
		if strings.HasPrefix(path, "events") {
			path += "?" + r.URL.Query().Get("fieldSelector")
		}
		if text, ok := lists[path]; ok && text != "" {
			return list("1", text)()
		}
		if text, ok := lists[path]; ok && text == "" {
			return list("1")()
		}
		return failure(403, "Forbidden", "you may not read "+path), nil
	}}
}

const (
	podOf  = `{"metadata":{"name":"p","namespace":"ns","uid":"up","creationTimestamp":"2026-01-01T00:00:30Z","ownerReferences":[{"uid":"u"}]},"status":`
	selAll = `selector: {matchLabels: {app: a}}`
)

func container(name, state string) string {
	return `{"phase":"Pending","containerStatuses":[{"name":"` + name + `",` + state + `}]}}`
}

func waitingFor(reason string) string {
	return container("c", `"state":{"waiting":{"reason":"`+reason+`","message":"m"}}`)
}

func TestTroubles(t *testing.T) {
	t.Parallel()
	const unscheduled = `{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3"}]`
	const crashed = `"state":{"waiting":{"reason":"CrashLoopBackOff","message":"m"}},"lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","message":"secret"}}`
	failedCreate := func(at string) string {
		return `{"type":"Warning","reason":"Other","message":"x","lastTimestamp":"2026-01-01T00:09:00Z"},
			{"type":"Warning","reason":"FailedCreate","message":"quota","eventTime":"` + at + `"}`
	}
	newSet := func(more string) string {
		return `{"metadata":{"name":"old","uid":"uo","annotations":{"deployment.kubernetes.io/revision":"1"},"ownerReferences":[{"uid":"u"}]}},
			{"metadata":{"name":"other","uid":"ux","annotations":{"deployment.kubernetes.io/revision":"2"},"ownerReferences":[{"uid":"x"}]}},
			{"metadata":{"name":"new","uid":"un","annotations":{"deployment.kubernetes.io/revision":"2"},"ownerReferences":[{"uid":"u"}]}` + more + `}`
	}
	const revision = `{metadata: {annotations: {deployment.kubernetes.io/revision: "2"}}, spec: {` + selAll + `}}`
	for _, tt := range []struct {
		name, apiVersion, kind, object string
		lists                          map[string]string
		want                           []string
		err                            string
	}{
		{"a pod", "v1", "Pod", `{status: {containerStatuses: [{name: c, state: {waiting: {reason: ErrImagePull, message: m}}}]}}`, nil, []string{"Pod/ns/a: container c: ErrImagePull: m"}, ""},
		{"what has no pods", "v1", "ConfigMap", `{}`, nil, nil, ""},
		{"what selects nothing", "apps/v1", "StatefulSet", `{}`, nil, nil, ""},
		{"what selects in a way that is not known", "apps/v1", "StatefulSet", `{spec: {selector: {matchExpressions: [{key: a, operator: Like}]}}}`, nil, nil, ""},
		{"what nobody has looked at", "apps/v1", "ReplicaSet", `{metadata: {generation: 1}, spec: {` + selAll + `}}`, nil, nil, ""},
		{"a pod that crashes", "apps/v1", "ReplicaSet", `{spec: {` + selAll + `}}`, map[string]string{"pods": podOf + container("c", crashed)},
			[]string{"pod p of ReplicaSet/ns/a: container c: CrashLoopBackOff: m; last time it ended with exit code 137 (OOMKilled)"}, ""},
		{"a pod of a Job that crashes", "batch/v1", "Job", `{spec: {` + selAll + `}}`, map[string]string{"pods": podOf + container("c", crashed)}, nil, ""},
		{"a pod of a Job without an image", "batch/v1", "Job", `{spec: {` + selAll + `}}`, map[string]string{"pods": podOf + waitingFor("InvalidImageName")},
			[]string{"pod p of Job/ns/a: container c: InvalidImageName: m"}, ""},
		{"a controller's pod", "v1", "ReplicationController", `{spec: {selector: {app: a}}}`, map[string]string{"pods": podOf + waitingFor("CreateContainerConfigError")},
			[]string{"pod p of ReplicationController/ns/a: container c: CreateContainerConfigError: m"}, ""},
		{"an init container", "apps/v1", "ReplicaSet", `{spec: {` + selAll + `}}`,
			map[string]string{"pods": podOf + strings.Replace(waitingFor("ImagePullBackOff"), "containerStatuses", "initContainerStatuses", 1)},
			[]string{"pod p of ReplicaSet/ns/a: container c: ImagePullBackOff: m"}, ""},
		{"a container that is on its way", "apps/v1", "ReplicaSet", `{spec: {` + selAll + `}}`, map[string]string{"pods": podOf + waitingFor("ContainerCreating")}, nil, ""},
		{"a pod that goes", "apps/v1", "ReplicaSet", `{spec: {` + selAll + `}}`,
			map[string]string{"pods": strings.Replace(podOf, `"name"`, `"deletionTimestamp":"2026-01-01T00:00:00Z","name"`, 1) + waitingFor("ErrImagePull")}, nil, ""},
		{"a pod of somebody else", "apps/v1", "ReplicaSet", `{spec: {` + selAll + `}}`,
			map[string]string{"pods": strings.Replace(podOf, `"uid":"u"`, `"uid":"z"`, 1) + waitingFor("ErrImagePull")}, nil, ""},
		{"no node", "apps/v1", "DaemonSet", `{spec: {` + selAll + `}}`,
			map[string]string{"pods": podOf + unscheduled + "}}", "events?involvedObject.uid=up": ""}, []string{"pod p of DaemonSet/ns/a: Unschedulable: 0/3"}, ""},
		{"no node, and nobody may say why", "apps/v1", "DaemonSet", `{spec: {` + selAll + `}}`,
			map[string]string{"pods": podOf + unscheduled + "}}"}, []string{"pod p of DaemonSet/ns/a: Unschedulable: 0/3"}, ""},
		{"a node is coming", "apps/v1", "DaemonSet", `{spec: {` + selAll + `}}`,
			map[string]string{"pods": podOf + unscheduled + "}}", "events?involvedObject.uid=up": `{"type":"Normal","reason":"TriggeredScaleUp"}`}, nil, ""},
		{"another pod makes room", "apps/v1", "DaemonSet", `{spec: {` + selAll + `}}`,
			map[string]string{"pods": podOf + unscheduled + `,"nominatedNodeName":"n"}}`}, nil, ""},
		{"a Deployment that has been changed meanwhile", "apps/v1", "Deployment", strings.Replace(revision, "metadata: {", "metadata: {generation: 2, ", 1), nil, nil, ""},
		{"a Deployment whose pods are those of the last revision", "apps/v1", "Deployment", revision,
			map[string]string{"replicasets": newSet(""), "pods": strings.Replace(podOf, `"uid":"u"`, `"uid":"uo"`, 1) + waitingFor("ErrImagePull")}, nil, ""},
		{"a Deployment", "apps/v1", "Deployment", revision,
			map[string]string{"replicasets": newSet(""), "pods": strings.Replace(podOf, `"uid":"u"`, `"uid":"un"`, 1) + waitingFor("ErrImagePull")},
			[]string{"pod p of Deployment/ns/a: container c: ErrImagePull: m"}, ""},
		{"a Deployment without a ReplicaSet", "apps/v1", "Deployment", revision, map[string]string{"replicasets": ""}, nil, ""},
		{"a Deployment that cannot make pods", "apps/v1", "Deployment", revision,
			map[string]string{"replicasets": newSet(`,"status":{"conditions":[{"type":"ReplicaFailure","status":"True","message":"exceeded quota"}]}`), "pods": ""},
			[]string{"Deployment/ns/a: FailedCreate: exceeded quota"}, ""},
		{"a StatefulSet that cannot make pods", "apps/v1", "StatefulSet", `{spec: {replicas: 2, ` + selAll + `}}`,
			map[string]string{"pods": podOf + `{}}`, "events?involvedObject.uid=u,type=Warning": failedCreate("2026-01-01T00:00:31.123456Z")},
			[]string{"StatefulSet/ns/a: FailedCreate: quota"}, ""},
		{"a StatefulSet that could make a pod after all", "apps/v1", "StatefulSet", `{spec: {replicas: 2, ` + selAll + `}}`,
			map[string]string{"pods": podOf + `{}}`, "events?involvedObject.uid=u,type=Warning": failedCreate("2026-01-01T00:00:29.123456Z")}, nil, ""},
		{"a StatefulSet with all of its pods", "apps/v1", "StatefulSet", `{spec: {` + selAll + `}}`, map[string]string{"pods": podOf + `{}}`}, nil, ""},
		{"a DaemonSet that lacks some", "apps/v1", "DaemonSet", `{spec: {` + selAll + `}, status: {desiredNumberScheduled: 1}}`,
			map[string]string{"pods": "", "events?involvedObject.uid=u,type=Warning": failedCreate("2026-01-01T00:00:31Z")}, []string{"DaemonSet/ns/a: FailedCreate: quota"}, ""},
		{"pods that may not be read", "apps/v1", "ReplicaSet", `{spec: {` + selAll + `}}`, nil, nil, `listing pods in namespace "ns": you may not read pods`},
		{"replica sets that may not be read", "apps/v1", "Deployment", revision, nil, nil, `listing replica sets in namespace "ns": you may not read replicasets`},
		{"events that may not be read", "batch/v1", "Job", `{spec: {` + selAll + `}}`, map[string]string{"pods": ""}, nil,
			`listing events in namespace "ns": you may not read events?involvedObject.uid=u,type=Warning`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.kind == "Job" && strings.Contains(tt.name, "pod") && tt.lists != nil {
				tt.lists["events?involvedObject.uid=u,type=Warning"] = ""
			}
			c := namespaceWith(tt.lists, nil).client(t, kube.Options{})
			found, err := c.Troubles(t.Context(), []release.State{{Ref: podRef("gone")}, stateOf(t, tt.apiVersion, tt.kind, tt.object)})
			var got []string
			for _, f := range found {
				got = append(got, f.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if err == nil && tt.err != "" || err != nil && err.Error() != tt.err {
				t.Errorf("error %v, want %s", err, tt.err)
			}
			if slow := len(found) == 1 && found[0].Slow; slow != strings.HasPrefix(tt.name, "no node") {
				t.Errorf("slow: %t", slow)
			}
		})
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	pod := func(name, status string) string {
		return `{"metadata":{"name":"` + name + `","namespace":"ns","uid":"` + name + `","ownerReferences":[{"uid":"u"}]},"status":` + status + `}`
	}
	running := func(name string) string {
		return `{"name":"` + name + `","state":{"running":{}},"ready":false}`
	}
	lists := map[string]string{
		"pods": strings.Join([]string{
			pod("p0", `{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}`),
			pod("p1", `{"phase":"Succeeded"}`),
			pod("p2", `{"phase":"Running","containerStatuses":[`+running("c")+`,{"name":"ready","state":{"running":{}},"ready":true}],
				"initContainerStatuses":[{"name":"done","state":{"terminated":{"exitCode":0}}}]}`),
			pod("p3", `{"phase":"Failed","containerStatuses":[{"name":"c","state":{"terminated":{"exitCode":1}}}]}`),
			pod("p4", `{"phase":"Pending","containerStatuses":[{"name":"c","state":{"waiting":{"reason":"ErrImagePull"}}}]}`),
			pod("p5", `{"phase":"Running","containerStatuses":[`+running("c")+`]}`),
		}, ","),
		"events?involvedObject.uid=u,type=Warning":  "",
		"events?involvedObject.uid=p2,type=Warning": `{"reason":"Unhealthy","message":"probe","count":3,"lastTimestamp":"2026-01-01T00:00:02Z"},{"reason":"Unhealthy","message":"probe","lastTimestamp":"2026-01-01T00:00:01Z"}`,
		"events?involvedObject.uid=p4,type=Warning": `{"reason":"B","message":"b","series":{"count":7,"lastObservedTime":"2026-01-01T00:00:03.5Z"}},{"reason":"A","message":"a","metadata":{"creationTimestamp":"2026-01-01T00:00:01Z"}}`,
	}
	logs := map[string]string{
		"pods/p2/log c": strings.Repeat("line\n", 12) + "last\n",
		"pods/p3/log c": "\n",
	}
	at := func(seconds float64) time.Time {
		return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(seconds * float64(time.Second)))
	}
	want := []release.Report{
		{Ref: podRef("p4"), Events: []release.ObjectEvent{{Reason: "A", Message: "a", Count: 1, Last: at(1)}, {Reason: "B", Message: "b", Count: 7, Last: at(3.5)}}},
		{
			Ref: podRef("p2"), Events: []release.ObjectEvent{{Reason: "Unhealthy", Message: "probe", Count: 3, Last: at(2)}},
			Logs: []release.ContainerLog{{Container: "c", Lines: append(strings.Fields(strings.Repeat("line ", 9)), "last")}},
		},
	}
	server := namespaceWith(lists, logs)
	got, err := server.client(t, kube.Options{}).Report(t.Context(), []release.State{stateOf(t, "apps/v1", "ReplicaSet", `{spec: {`+selAll+`}}`)})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// What may not be read is missing, and said.
	if err == nil || !strings.Contains(err.Error(), "involvedObject.uid=p3") {
		t.Errorf("error %v", err)
	}
	for _, r := range server.sent() {
		if strings.Contains(r, "/log") && !strings.Contains(r, "limitBytes=16384&tailLines=10") {
			t.Errorf("request %s has no limits", r)
		}
	}
	// Of what has no pods there are events.
	lists["events?involvedObject.uid=u,type=Warning"] = `{"reason":"ProvisioningFailed","message":"no class","lastTimestamp":"2026-01-01T00:00:02Z"}`
	got, err = server.client(t, kube.Options{}).Report(t.Context(), []release.State{stateOf(t, "v1", "PersistentVolumeClaim", `{}`)})
	if len(got) != 1 || len(got[0].Events) != 1 || err != nil {
		t.Errorf("reports %v, error %v", got, err)
	}
}
