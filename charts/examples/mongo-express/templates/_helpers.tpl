{{/*
Named templates, used by the other files with `include`. A file whose name starts with "_" produces
no manifest of its own.
*/}}

{{/*
Names. All objects start with the release name, so that several releases fit into one namespace.
It is cut at 40 characters: the longest suffix must still fit a Service (63), and a StatefulSet's name
plus the hash that Kubernetes appends must fit a label (63). Release names may hold dots, Service
names may not.
*/}}
{{- define "mongo-express.base" -}}
{{ .Release.Name | replace "." "-" | trunc 40 | trimAll "-" }}
{{- end }}

{{- define "mongo-express.mongodb.name" -}}
{{ include "mongo-express.base" . }}-mongodb
{{- end }}

{{- define "mongo-express.express.name" -}}
{{ include "mongo-express.base" . }}-mongo-express
{{- end }}

{{/*
Labels that a selector uses. They never change during the life of a release, because selectors of a
Deployment or StatefulSet are immutable. Label values are strings, so what comes from outside is
quoted: a release may be called 2026.
Call: include "mongo-express.selectorLabels" (dict "root" . "name" "mongodb" "component" "database")
*/}}
{{- define "mongo-express.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/*
All recommended labels of an object: those of the selector, and those that change with an upgrade.
Same call, with "version" in addition.
*/}}
{{- define "mongo-express.labels" -}}
{{ include "mongo-express.selectorLabels" . }}
app.kubernetes.io/version: {{ .version | quote }}
app.kubernetes.io/part-of: mongo-express
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimAll "-_." }}
{{- end }}

{{- define "mongo-express.mongodb.selectorLabels" -}}
{{ include "mongo-express.selectorLabels" (dict "root" . "name" "mongodb" "component" "database") }}
{{- end }}

{{- define "mongo-express.mongodb.labels" -}}
{{ include "mongo-express.labels" (dict "root" . "name" "mongodb" "component" "database" "version" .Values.mongodb.image.tag) }}
{{- end }}

{{- define "mongo-express.express.selectorLabels" -}}
{{ include "mongo-express.selectorLabels" (dict "root" . "name" "mongo-express" "component" "web") }}
{{- end }}

{{- define "mongo-express.express.labels" -}}
{{ include "mongo-express.labels" (dict "root" . "name" "mongo-express" "component" "web" "version" .Values.express.image.tag) }}
{{- end }}

{{/*
One value of a Secret, in base64: the value given, else the one the cluster already holds, else a new
random one. Without the second step every upgrade would lock mongo-express out of the database.
Where no cluster is asked (`template`, `lint`, a client dry run) the lookup finds nothing, and each
run prints another random value.
Call: include "mongo-express.secretValue" (dict "root" . "secret" NAME "key" KEY "given" VALUE)
*/}}
{{- define "mongo-express.secretValue" -}}
{{- $found := lookup "v1" "Secret" .root.Release.Namespace .secret -}}
{{- $kept := get ($found.data | default dict) .key -}}
{{ .given | b64enc | default $kept | default (randAlphaNum 24 | b64enc) }}
{{- end }}

{{/*
Size and class of the database's volume, as JSON with the keys size and className: those of the
StatefulSet in the cluster if there is one, else those of the values. The API server refuses any
change to volumeClaimTemplates, so asking for the new size would make the whole upgrade fail.
*/}}
{{- define "mongo-express.storage" -}}
{{- $size := .Values.mongodb.storage.size -}}
{{- $class := .Values.mongodb.storage.className -}}
{{- with lookup "apps/v1" "StatefulSet" .Release.Namespace (include "mongo-express.mongodb.name" .) -}}
{{- with first .spec.volumeClaimTemplates -}}
{{- $size = .spec.resources.requests.storage -}}
{{- $class = .spec.storageClassName | default "" -}}
{{- end -}}
{{- end -}}
{{ dict "size" $size "className" $class | toJson }}
{{- end }}

{{/*
Security settings of every container: no root, no privileges, no writes outside mounted volumes.
Together with the Pods' own settings they meet the "restricted" Pod Security Standard.
*/}}
{{- define "mongo-express.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end }}
