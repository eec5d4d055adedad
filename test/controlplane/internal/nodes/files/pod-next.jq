# The next stage of a pod, by name; "stay" when there is none.
# A pod whose grace period is 0 goes without its node: the API server removes it itself, and to
# delete it once more, by its name, might hit its successor.
(.metadata.annotations["controlplane.test/pod"] // .metadata.labels["controlplane.test/pod"] // "run") as $want
| (.metadata.annotations["controlplane.test/ready-after"] != null) as $late
| (.spec.restartPolicy == "Always") as $restarts
| any(.status.conditions[]?; .type == "Ready" and .status == "True") as $ready
| ([.status.containerStatuses[]?.state.waiting.reason] | first) as $waiting
| if .metadata.deletionTimestamp != null then
    if .metadata.deletionGracePeriodSeconds == 0 then "stay" else "delete" end
  elif .status.phase != "Pending" and .status.phase != "Running" then "stay"
  elif $want == "image-pull-backoff" then
    if $waiting == "ImagePullBackOff" then "stay" else "image-pull-backoff" end
  elif $want == "crash-loop" or ($want == "fail" and $restarts) then
    if $waiting == "CrashLoopBackOff" then "stay" else "crash-loop" end
  elif $want == "fail" then "fail"
  elif $want == "never-ready" then
    if .status.phase == "Pending" or $ready then "start" else "stay" end
  elif .status.phase == "Pending" then
    if $late then "start" else "ready" end
  elif $ready | not then "ready"
  elif $restarts or $want == "keep-running" then "stay"
  else "complete"
  end
