package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// hint says what to do next about an error; empty where the error says it all.
func hint(err error) string {
	for _, find := range []func(error) string{usageHint, reachHint, registryHint, fetchFactHint, fetchHint, pluginHint, recordHint, objectHint, clusterHint} {
		if h := find(err); h != "" {
			return h
		}
	}
	return ""
}

// advisedError is an error that comes with what to do next, where only the place at which
// it happens knows that.
type advisedError struct {
	error
	advice string
}

func (e *advisedError) Unwrap() error { return e.error }

// usageHint is for what was typed.
func usageHint(err error) string {
	if advised, ok := errors.AsType[*advisedError](err); ok {
		return advised.advice
	}
	if unknown, ok := errors.AsType[*unknownCommandError](err); ok {
		return fmt.Sprintf("Run '%s --help' for usage.", unknown.parent)
	}
	if missing, ok := errors.AsType[*noChartError](err); ok && missing.ref != "" {
		return "The chart must be a folder with a Chart.yaml or a .tgz file, given by its path, for example ./mychart."
	}
	if _, ok := errors.AsType[*chart.MissingError](err); ok {
		return "'pack dependency build' fetches the missing charts, and so does this command with --dependency-update. Charts can also be put into the charts folder, as folders or .tgz files."
	}
	if errors.Is(err, render.ErrTimeout) {
		return "--render-timeout gives templates more time."
	}
	if errors.Is(err, release.ErrApplyMethod) {
		return "--server-side is true, false or auto."
	}
	if errors.Is(err, release.ErrForceReplace) {
		return "--force-replace goes with --server-side=false."
	}
	if errors.Is(err, release.ErrForceConflicts) {
		return "--force-conflicts goes with --server-side=true."
	}
	if isA[*manifest.NoTemplateError](err) {
		return "A template is given by its path in the chart, for example templates/web.yaml. Without --show-only all are printed, each with its path below the name of the chart."
	}
	if errors.Is(err, chart.ErrNotInstallable) {
		return "A library chart only lends its templates: install a chart that depends on it."
	}
	return ""
}

// recordHint is for the state that a release is in.
func recordHint(err error) string {
	if locked, ok := errors.AsType[*release.LockedError](err); ok {
		return lockedHint(locked)
	}
	if errors.Is(err, release.ErrLocked) {
		return "Somebody else changed the release at the same moment. Run the command again, or with --wait-for-lock 5m."
	}
	if errors.Is(err, release.ErrLockLost) {
		return "Nothing was heard of this operation for too long, so another one went on. Run it again if it is still wanted."
	}
	if _, ok := errors.AsType[*release.CRDError](err); ok {
		return "Nothing was changed. --crds=skip leaves definitions alone; see what is stored with 'kubectl get', and migrate it first."
	}
	switch {
	case errors.Is(err, release.ErrNameInUse):
		return "'pack upgrade' changes a release that exists, 'pack uninstall' removes it; or choose another name."
	case errors.Is(err, release.ErrNoDeployed):
		return "'pack list -A' shows what is there; 'pack upgrade --install' installs what is not."
	case errors.Is(err, release.ErrNotFound):
		return "'pack list -A' shows the releases of all namespaces, 'pack history RELEASE' the revisions of one."
	case errors.Is(err, release.ErrInvalidRevision):
		return historyAdvice
	case errors.Is(err, release.ErrAlreadyUninstalled):
		return "Its records are kept: 'pack rollback RELEASE' brings it back, 'pack uninstall RELEASE' without --keep-history removes them."
	case errors.Is(err, release.ErrNotOwned):
		return "Remove or rename the object, or take it over with --take-ownership."
	}
	return ""
}

// historyAdvice is for what is no revision.
const historyAdvice = "'pack history RELEASE' shows the revisions that there are."

// lockedHint says who works on a release, and what helps.
func lockedHint(locked *release.LockedError) string {
	what := fmt.Sprintf("Revision %d has been %s since %s", locked.Revision, locked.Status, locked.Since.Format(time.ANSIC))
	if locked.Holder == nil {
		return what + ", by somebody who does not say who it is, such as Helm. If nothing works on it any more, it is taken over a minute after it was written last; " +
			"--wait-for-lock waits for it."
	}
	return fmt.Sprintf("%s, held by %s (%s), who is at work. --wait-for-lock 5m waits for that.", what, locked.Holder, locked.Holder.ID)
}

// objectHint is for what the cluster answered about one object.
func objectHint(err error) string {
	if immutable, ok := errors.AsType[*release.ImmutableError](err); ok {
		if kind := immutable.Ref.Kind; kind == "PersistentVolumeClaim" || kind == "Namespace" {
			return fmt.Sprintf("%s of %s cannot be changed, and pack never deletes a %s for an upgrade: leave the field as it was, or give the object another name.",
				strings.Join(immutable.Fields, ", "), objectName(immutable.Ref), kind)
		}
		return fmt.Sprintf("%s of %s cannot be changed: --recreate %[2]s deletes the object and creates it anew.",
			strings.Join(immutable.Fields, ", "), objectName(immutable.Ref))
	}
	return ""
}

// interruptedHint is for a command that was ended from outside.
const interruptedHint = "The command was interrupted: run it again to have it done."

// interruptedReleaseHint takes its place where a release may have been begun to change.
const interruptedReleaseHint = "The command was interrupted. A release that it was working on is recorded as failed, and the same command again goes on from there."

// reachHint is for a cluster that did not answer.
func reachHint(err error) string {
	if isA[*kube.UnreachableError](err) && isA[*tls.CertificateVerificationError](err) {
		return "The certificate of the server is checked with the authority and the name of the kubeconfig, --kube-ca-file and --kube-tls-server-name."
	}
	if isA[*kube.UnreachableError](err) || isA[*configError](err) {
		return "Check that the cluster runs and that --kubeconfig, KUBECONFIG and --kube-context name it."
	}
	return ""
}

// statusHint is for what the server refused.
func statusHint(err error) string {
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) {
		return ""
	}
	kind := ""
	if details := status.Status().Details; details != nil {
		kind = details.Kind
	}
	switch {
	case apierrors.IsNotFound(err) && kind == "namespaces":
		return "Make the namespace with --create-namespace, or choose another one with --namespace."
	case apierrors.IsUnauthorized(err):
		return "The server does not know the user of the kubeconfig, or the token has expired: log in to the cluster again, or name another user with --kube-context."
	case apierrors.IsForbidden(err) && kind == "customresourcedefinitions":
		return "The user of the kubeconfig may not read or write definitions of custom resources; --skip-crds leaves those in crds/ to somebody who may."
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "is forbidden: User "):
		return "The user of the kubeconfig lacks that right; 'kubectl auth can-i' shows which ones it has."
	case apierrors.IsConflict(err):
		return "Another field manager set these fields: leave them out of the chart, or take them with --force-conflicts."
	}
	return admissionHint(err)
}

// admissionHint is for what the server would take from anybody in another state of the
// cluster.
func admissionHint(err error) string {
	text := err.Error()
	switch {
	case apierrors.HasStatusCause(err, "NamespaceTerminating"):
		return "The namespace is being deleted. Once it has gone ('kubectl get namespaces' shows it), --create-namespace makes it anew."
	case apierrors.IsForbidden(err) && strings.Contains(text, "exceeded quota: "):
		return "'kubectl describe quota' shows what the namespace may have and has. Of its Secrets each revision of a release is one: --history-max keeps fewer."
	case strings.Contains(text, "admission webhook ") && strings.Contains(text, " denied the request"):
		return "The cluster has a rule of its own that the object breaks: 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations' shows whose it is."
	}
	return ""
}

// clusterHint is for what the cluster answered, or was waited for in vain.
func clusterHint(err error) string {
	if h := statusHint(err); h != "" {
		return h
	}
	if errors.Is(err, release.ErrHopeless) {
		return "--fail-fast-grace gives such states more time, --fail-fast=false all that --timeout gives; 'pack status RELEASE' shows the objects."
	}
	if wait, ok := errors.AsType[*release.WaitError](err); ok && !errors.Is(wait.Err, context.Canceled) {
		if wait.Deleted {
			return "What still exists has been told to go, and goes when its finalizers are served; --timeout gives it more time."
		}
		return "'pack status RELEASE' shows the objects; --timeout gives them more time."
	}
	if errors.Is(err, context.Canceled) {
		return interruptedHint
	}
	return ""
}
