// Package nodes simulates the machines of the cluster: nodes that are ready, pods that start and end, volumes and
// load balancers that appear.
package nodes

import (
	"context"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/kwok/pkg/kwok/controllers"
	"sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/client"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
)

// storageClass is the default class; its volumes are made by a stage and bound by the real volume controller.
const storageClass = "standard"

// versionAnnotation on a node tells its stage which version its kubelet reports.
const versionAnnotation = "controlplane.test/version"

// Run creates the nodes and the default storage class and simulates them until ctx is done.
func Run(ctx context.Context, cfg layout.Config) error {
	ctx = log.NewContext(ctx, log.NewLogger(os.Stderr, log.LevelWarn))
	clients, err := client.NewClientset("", cfg.Kubeconfig())
	if err != nil {
		return err
	}
	restConfig, err := clients.ToRESTConfig()
	if err != nil {
		return err
	}
	typed, err := kubernetes.NewForConfig(restConfig)
	if err != nil {
		return err
	}
	if err := create(ctx, typed, cfg.Nodes); err != nil {
		return err
	}
	if err := simulate(ctx, clients, restConfig, typed, cfg); err != nil {
		return err
	}
	return serveKubelet(ctx, typed, cfg)
}

func simulate(ctx context.Context, clients client.Clientset, restConfig *rest.Config, typed kubernetes.Interface, cfg layout.Config) error {
	dynamic, err := clients.ToDynamicClient()
	if err != nil {
		return err
	}
	mapper, err := clients.ToRESTMapper()
	if err != nil {
		return err
	}
	restClient, err := rest.RESTClientFor(restConfig)
	if err != nil {
		return err
	}
	ctr, err := controllers.NewController(controllers.Config{
		Clock:                    clock.RealClock{},
		DynamicClient:            dynamic,
		RESTClient:               restClient,
		RESTMapper:               mapper,
		TypedClient:              typed,
		ManageAllNodes:           true,
		CIDR:                     "10.244.0.1/16",
		NodeIP:                   "127.0.0.1",
		NodePort:                 cfg.KubeletPort,
		LocalStages:              stages(),
		PodPlayStageParallelism:  8,
		NodePlayStageParallelism: 1,
		NodeLeaseDurationSeconds: 40,
		NodeLeaseParallelism:     1,
		// A restarted simulator takes its leases back at once because its name is the same.
		ID:                        "controlplane",
		PodsOnNodeSyncParallelism: 1,
	})
	if err != nil {
		return err
	}
	if err := ctr.Start(ctx); err != nil {
		return fmt.Errorf("kwok: %w", err)
	}
	return nil
}

func create(ctx context.Context, c kubernetes.Interface, nodes int) error {
	version, err := c.Discovery().ServerVersion()
	if err != nil {
		return err
	}
	class := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name:        storageClass,
			Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"},
		},
		Provisioner: "controlplane.test/volume",
	}
	_, err = c.StorageV1().StorageClasses().Create(ctx, class, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("storage class %s: %w", storageClass, err)
	}
	for i := range nodes {
		name := fmt.Sprintf("node-%d", i+1)
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Annotations: map[string]string{versionAnnotation: version.GitVersion},
			Labels: map[string]string{
				corev1.LabelHostname:   name,
				corev1.LabelOSStable:   "linux",
				corev1.LabelArchStable: "amd64",
			},
		}}
		_, err := c.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("node %s: %w", name, err)
		}
	}
	return nil
}
