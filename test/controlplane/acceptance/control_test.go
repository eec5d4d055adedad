package acceptance_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/control"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
)

func TestAnonymousIsDenied(t *testing.T) {
	t.Parallel()
	c, err := kubernetes.NewForConfig(rest.AnonymousClientConfig(shared.config))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CoreV1().Secrets("default").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("listing secrets: error is %v, want forbidden", err)
	}
}

func TestLimitedUser(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	rbac := shared.client.RbacV1()
	_, err := rbac.Roles(ns).Create(t.Context(), &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Name: "r"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"list"}}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = rbac.RoleBindings(ns).Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "r"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "r"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: "default", Namespace: ns}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	token, err := shared.client.CoreV1().ServiceAccounts(ns).CreateToken(t.Context(), "default",
		&authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(shared.config)
	config.BearerToken = token.Status.Token
	c, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		_, err := c.CoreV1().ConfigMaps(ns).List(ctx, metav1.ListOptions{})
		return err
	})
	if _, err := c.CoreV1().Secrets(ns).List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("listing secrets: error is %v, want forbidden", err)
	}
}

func TestControlNeedsToken(t *testing.T) {
	t.Parallel()
	info := shared.info
	info.ControlToken = "wrong"
	err := control.Call(t.Context(), info, http.MethodGet, "/status", nil, nil)
	if err == nil || !strings.Contains(err.Error(), "token") {
		t.Errorf("error is %v, want one about the token", err)
	}
}

func TestFaultNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, req := range []control.FaultRequest{{Action: "burn", Component: control.Etcd}, {Action: control.Stop, Component: "kettle"}} {
		err := control.Call(t.Context(), shared.info, http.MethodPost, "/fault", req, nil)
		if err == nil || !strings.Contains(err.Error(), "not one of") {
			t.Errorf("%+v: error is %v, want one that lists the choices", req, err)
		}
	}
}

// TestFaults disturbs the shared cluster: it must not be parallel.
func TestFaults(t *testing.T) {
	ns := namespace(t)
	list := func(ctx context.Context) error {
		_, err := shared.client.CoreV1().ConfigMaps(ns).List(ctx, metav1.ListOptions{})
		return err
	}
	tests := []struct{ fault, component, repair string }{
		{control.Stop, control.APIServer, control.Start},
		{control.Kill, control.APIServer, control.Start},
		{control.Pause, control.APIServer, control.Resume},
		{control.Kill, control.Etcd, control.Start},
	}
	for _, tt := range tests {
		t.Run(tt.fault+" "+tt.component, func(t *testing.T) {
			shared.fault(t, tt.fault, tt.component)
			// A process that is paused stops thread by thread, which may take a moment.
			eventually(t, func(ctx context.Context) error {
				ctx, cancel := context.WithTimeout(ctx, patience/180)
				defer cancel()
				if list(ctx) == nil {
					return errors.New("the API server answers")
				}
				return nil
			})
			shared.fault(t, tt.repair, tt.component)
			eventually(t, list)
		})
	}
	shared.fault(t, control.Restart, control.APIServer)
	if err := list(t.Context()); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	shared.fault(t, control.Stop, control.Scheduler)
	createPod(t, ns, template(nil, ""))
	shared.fault(t, control.Start, control.Scheduler)
	awaitPod(t, ns, summary{corev1.PodRunning, true, ""})
}

func TestCrashEndsTheProgram(t *testing.T) {
	t.Parallel()
	in, err := launch("--nodes", "1")
	if err != nil {
		t.Fatal(err)
	}
	all := in.status(t)
	for _, s := range all {
		if s.Name == control.ControllerManager {
			if err := syscall.Kill(s.PID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = in.cmd.Wait()
	if want := "component " + control.ControllerManager; err == nil || !strings.Contains(in.stderr.String(), want) {
		t.Errorf("ended with %v and %q, want an error about %q", err, in.stderr.String(), want)
	}
	assertGone(t, in.info, all)
}

func TestInterruptLeavesNothing(t *testing.T) {
	t.Parallel()
	in, err := launch("--nodes", "1")
	if err != nil {
		t.Fatal(err)
	}
	all := in.status(t)
	if err := in.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := in.cmd.Wait(); err != nil {
		t.Errorf("ended with %v, %s", err, in.stderr.String())
	}
	assertGone(t, in.info, all)
}

func assertGone(t *testing.T, info layout.Info, all []control.Status) {
	t.Helper()
	for _, s := range all {
		if alive(s.PID) {
			t.Errorf("%s still runs as process %d", s.Name, s.PID)
		}
	}
	for _, path := range []string{info.DataDir, info.Kubeconfig} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there (%v)", path, err)
		}
	}
}

func TestUpAndDown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	invoke := func(want string, args ...string) string {
		t.Helper()
		var stdout, stderr strings.Builder
		cmd := exec.Command(binary, args...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, stderr.String())
		}
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%v says %q, want %q", args, stderr.String(), want)
		}
		return strings.TrimSpace(stdout.String())
	}
	kubeconfig := invoke("", "up", "--dir", dir, "--nodes", "1")
	t.Cleanup(func() { invoke("not running", "down", "--dir", dir) })
	stat, err := os.Stat(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	if stat.Mode().Perm() != 0o600 {
		t.Errorf("the kubeconfig has mode %v, want 0600", stat.Mode())
	}
	info, err := layout.ReadInfo(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	if again := invoke(fmt.Sprintf("already running with process id %d", info.PID), "up", "--dir", dir); again != kubeconfig {
		t.Errorf("the second up prints %q, want %q", again, kubeconfig)
	}
	if out := invoke("", "status", "--dir", dir); strings.Count(out, string(control.Running)) != len(control.Components()) {
		t.Errorf("status is\n%s\nwant all running", out)
	}
	if out := invoke("", "fault", "--dir", dir, control.Stop, control.Nodes); !strings.Contains(out, string(control.Stopped)) {
		t.Errorf("after stopping the nodes the status is\n%s", out)
	}
	invoke("", "down", "--dir", dir)
	if alive(info.PID) {
		t.Errorf("process %d still runs", info.PID)
	}
}
