package acceptance_test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func namespace(t *testing.T) string {
	t.Helper()
	ns, err := shared.client.CoreV1().Namespaces().Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "t-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		_, err := shared.client.CoreV1().ServiceAccounts(ns.Name).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
	return ns.Name
}

func template(annotations map[string]string, restart corev1.RestartPolicy) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "a"}, Annotations: annotations},
		Spec: corev1.PodSpec{
			RestartPolicy: restart,
			Containers:    []corev1.Container{{Name: "main", Image: "example.test/main:1"}},
		},
	}
}

var selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": "a"}}

func TestVersion(t *testing.T) {
	t.Parallel()
	required, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSpace(string(required))
	got, err := shared.client.Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if got.GitVersion != want || !strings.HasPrefix(want, "v"+got.Major+"."+got.Minor+".") {
		t.Errorf("server version is %s (%s.%s), go.mod requires %s", got.GitVersion, got.Major, got.Minor, want)
	}
}

func TestDeployment(t *testing.T) {
	t.Parallel()
	ns, replicas := namespace(t), int32(3)
	api := shared.client.AppsV1().Deployments(ns)
	_, err := api.Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "d"},
		Spec:       appsv1.DeploymentSpec{Replicas: &replicas, Selector: selector, Template: template(nil, "")},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		d, err := api.Get(ctx, "d", metav1.GetOptions{})
		if err == nil && d.Status.AvailableReplicas != replicas {
			err = fmt.Errorf("%d of %d replicas are available", d.Status.AvailableReplicas, replicas)
		}
		return err
	})
}

func TestStatefulSet(t *testing.T) {
	t.Parallel()
	ns, replicas := namespace(t), int32(2)
	claim := corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: "data"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources: corev1.VolumeResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
			},
		},
	}
	api := shared.client.AppsV1().StatefulSets(ns)
	_, err := api.Create(t.Context(), &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: "s"},
		Spec: appsv1.StatefulSetSpec{
			Replicas: &replicas, Selector: selector, Template: template(nil, ""),
			VolumeClaimTemplates: []corev1.PersistentVolumeClaim{claim},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		s, err := api.Get(ctx, "s", metav1.GetOptions{})
		if err == nil && s.Status.ReadyReplicas != replicas {
			err = fmt.Errorf("%d of %d replicas are ready", s.Status.ReadyReplicas, replicas)
		}
		return err
	})
	pvc, err := shared.client.CoreV1().PersistentVolumeClaims(ns).Get(t.Context(), "data-s-1", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if pvc.Status.Phase != corev1.ClaimBound {
		t.Errorf("claim %s is %s, want Bound", pvc.Name, pvc.Status.Phase)
	}
}

func TestVolumeIsDeletedWithItsClaim(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	claims := shared.client.CoreV1().PersistentVolumeClaims(ns)
	_, err := claims.Create(t.Context(), &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: "c"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			Resources: corev1.VolumeResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Mi")},
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var volume string
	eventually(t, func(ctx context.Context) error {
		c, err := claims.Get(ctx, "c", metav1.GetOptions{})
		if err == nil && c.Status.Phase != corev1.ClaimBound {
			err = fmt.Errorf("claim is %s", c.Status.Phase)
		}
		if err == nil {
			volume = c.Spec.VolumeName
		}
		return err
	})
	if err := claims.Delete(t.Context(), "c", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		list, err := shared.client.CoreV1().PersistentVolumes().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, v := range list.Items {
			if v.Name == volume {
				return fmt.Errorf("volume %s is %s", v.Name, v.Status.Phase)
			}
		}
		return nil
	})
}

func TestJob(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		annotations map[string]string
		want        batchv1.JobConditionType
	}{
		{"completes", nil, batchv1.JobComplete},
		{"completes late", map[string]string{"controlplane.test/complete-after": "300ms"}, batchv1.JobComplete},
		{"fails", map[string]string{"controlplane.test/pod": "fail"}, batchv1.JobFailed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ns, backoff := namespace(t), int32(0)
			api := shared.client.BatchV1().Jobs(ns)
			_, err := api.Create(t.Context(), &batchv1.Job{
				ObjectMeta: metav1.ObjectMeta{Name: "j"},
				Spec: batchv1.JobSpec{
					BackoffLimit: &backoff, Template: template(tt.annotations, corev1.RestartPolicyNever),
				},
			}, metav1.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			eventually(t, func(ctx context.Context) error {
				j, err := api.Get(ctx, "j", metav1.GetOptions{})
				if err != nil {
					return err
				}
				for _, c := range j.Status.Conditions {
					if c.Type == tt.want && c.Status == corev1.ConditionTrue {
						return nil
					}
				}
				return fmt.Errorf("conditions are %v, want %s", j.Status.Conditions, tt.want)
			})
		})
	}
}

func TestLoadBalancer(t *testing.T) {
	t.Parallel()
	api := shared.client.CoreV1().Services(namespace(t))
	_, err := api.Create(t.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "lb"},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer, Ports: []corev1.ServicePort{{Port: 80}}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		s, err := api.Get(ctx, "lb", metav1.GetOptions{})
		if err == nil && len(s.Status.LoadBalancer.Ingress) != 1 {
			err = fmt.Errorf("ingress is %v", s.Status.LoadBalancer.Ingress)
		}
		return err
	})
}
