package cluster

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
)

// waitReady returns when the cluster does what a user expects of one: the default namespace has its service account,
// all nodes are ready, and a pod was scheduled, ran and was deleted.
func waitReady(ctx context.Context, cfg layout.Config, progress func(string)) error {
	restConfig, err := clientcmd.BuildConfigFromFlags("", cfg.Kubeconfig())
	if err != nil {
		return err
	}
	restConfig.QPS = -1
	c, err := kubernetes.NewForConfig(restConfig)
	if err != nil {
		return err
	}
	steps := []struct {
		name string
		done func(context.Context) error
	}{
		{"the default service accounts", func(ctx context.Context) error { return serviceAccounts(ctx, c) }},
		{"the nodes", func(ctx context.Context) error { return nodesReady(ctx, c, cfg.Nodes) }},
		{"a first pod to run", func(ctx context.Context) error { return podRuns(ctx, c) }},
		{"the first pod to be gone", func(ctx context.Context) error { return podGone(ctx, c) }},
	}
	for _, s := range steps {
		progress("waiting for " + s.name)
		if err := until(ctx, s.done); err != nil {
			return fmt.Errorf("waiting for %s: %w", s.name, err)
		}
	}
	return nil
}

// The canary lives where no test looks.
const canaryNamespace, canaryName = metav1.NamespaceSystem, "controlplane-canary"

func serviceAccounts(ctx context.Context, c kubernetes.Interface) error {
	for _, ns := range []string{metav1.NamespaceDefault, canaryNamespace} {
		if _, err := c.CoreV1().ServiceAccounts(ns).Get(ctx, "default", metav1.GetOptions{}); err != nil {
			return err
		}
	}
	return nil
}

func nodesReady(ctx context.Context, c kubernetes.Interface, want int) error {
	list, err := c.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	ready := 0
	for _, n := range list.Items {
		for _, cond := range n.Status.Conditions {
			if cond.Type == corev1.NodeReady && cond.Status == corev1.ConditionTrue && len(n.Spec.Taints) == 0 {
				ready++
			}
		}
	}
	if ready < want {
		return fmt.Errorf("%d of %d are ready", ready, want)
	}
	return nil
}

func podRuns(ctx context.Context, c kubernetes.Interface) error {
	pods := c.CoreV1().Pods(canaryNamespace)
	pod, err := pods.Get(ctx, canaryName, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		pod, err = pods.Create(ctx, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: canaryName},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "canary"}}},
		}, metav1.CreateOptions{})
	}
	if err != nil {
		return err
	}
	if pod.Status.Phase != corev1.PodRunning {
		return fmt.Errorf("pod %s is %s", canaryName, pod.Status.Phase)
	}
	return pods.Delete(ctx, canaryName, metav1.DeleteOptions{})
}

func podGone(ctx context.Context, c kubernetes.Interface) error {
	_, err := c.CoreV1().Pods(canaryNamespace).Get(ctx, canaryName, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("pod %s is still there", canaryName)
}

// until calls f until it succeeds.
func until(ctx context.Context, f func(context.Context) error) error {
	for {
		err := f(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		case <-time.After(30 * time.Millisecond):
		}
	}
}
