/* Firstcall: page views, forms, clicks and downloads of this site. Stores and sends nothing where Do Not Track or
   Global Privacy Control is on. What it does: docs/guide/sending-touchpoints.md */
(function (w, d, n, h) {
  'use strict'
  var script = d.currentScript || d.querySelector('script[data-key][src*="firstcall.js"]'), set = script.dataset
  var url = (set.host || new URL(script.src).origin) + '/v1/b', key = 'firstcall_id', early = w.firstcall
  var off = n.doNotTrack == 1 || w.doNotTrack == 1 || n.globalPrivacyControl
  var queue = [], flying = 0, pause = 0, timer, id, seen, referrer = d.referrer

  function uuid() {
    return ('' + 1e7 + -1e3 + -4e3 + -8e3 + -1e11).replace(/[018]/g, function (c) {
      return (c ^ w.crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16)
    })
  }
  function stored(value) {
    try {
      if (value === undefined) return localStorage.getItem(key)
      value ? localStorage.setItem(key, value) : localStorage.removeItem(key)
    } catch (e) { /* forbidden here: the visitor is known for this page alone */ }
  }
  function text(calls) {
    return JSON.stringify({ batch: calls, writeKey: set.key, sentAt: new Date().toISOString() })
  }
  function send(type, call) {
    if (off) return
    if (!id) stored(id = stored() || uuid())
    call.type = type
    call.messageId = uuid()
    call.anonymousId = id
    call.timestamp = new Date().toISOString()
    queue.push(call)
    later(queue.length < 10 ? 500 : 0)
  }
  function later(ms) {
    if (flying) return
    clearTimeout(timer)
    timer = setTimeout(flush, Math.max(ms, pause))
  }
  function flush() {
    var calls = queue.slice(0, 50), body = text(calls)
    if (flying || !calls.length) return
    flying = 1
    fetch(url, { method: 'POST', body: body, keepalive: body.length < 6e4 }).then(function (answer) {
      return answer.status == 429 || answer.status > 499
    }, function () { return true }).then(function (again) {
      flying = 0
      pause = again ? Math.min(6e4, pause * 2 || 1e3) : 0
      if (!again) queue = queue.filter(function (call) { return calls.indexOf(call) < 0 })
      if (queue.length) later(0)
    })
  }
  function leave() { /* what is under way goes once more: each message counts once */
    while (queue.length && n.sendBeacon(url, new Blob([text(queue.slice(0, 50))], { type: 'text/plain' }))) queue.splice(0, 50)
  }
  function page(more) {
    var at = w.location, said = { path: at.pathname, url: at.origin + at.pathname, title: d.title, referrer: referrer }
    new URLSearchParams(at.search).forEach(function (value, name) { if (/^utm_/.test(name)) said[name] = value })
    referrer = said.url
    send('page', { properties: Object.assign(said, more) })
  }
  function moved() {
    var now = w.location.pathname + w.location.search
    if (now != seen) { seen = now; setTimeout(page) } /* the title is set after the address */
  }
  function track(event, properties) {
    send('track', { event: event, properties: Object.assign({ path: w.location.pathname }, properties) })
  }
  function identify(user, traits) {
    send('identify', user && typeof user == 'object' ? { traits: user } : { userId: user, traits: traits })
  }
  function clicked(e) {
    var on = e.target.closest && e.target.closest('a[href],[data-firstcall-click]')
    if (!on) return
    var named = on.dataset.firstcallClick, file = on.protocol && (on.hasAttribute('download') ||
      /\.(pdf|docx?|xlsx?|pptx?|csv|zip|dmg|exe|msi|mp[34]|epub)$/i.test(on.pathname))
    if (file) track('File Downloaded', { file: on.pathname.split('/').pop() })
    else if (named || /^http/.test(on.protocol) && on.host != w.location.host) {
      track('Link Clicked', { target: named || on.origin + on.pathname })
    }
  }
  function submitted(e) {
    var form = e.target, traits = {}, names = { email: 'email', 'given-name': 'firstName', 'family-name': 'lastName',
      name: 'name', organization: 'company', 'organization-title': 'title', tel: 'phone' }
    track('Form Submitted', { form: form.dataset.firstcallForm || form.getAttribute('name') || form.getAttribute('id') || '' })
    if ((form.dataset.firstcall || set.forms) != 'identify') return
    Array.from(form.elements).forEach(function (field) {
      var name = names[(field.getAttribute('autocomplete') || '').split(' ').pop()] || names[field.type] || names[field.name]
      if (name && field.value && field.type != 'password') traits[name] = field.value
    })
    if (traits.email) identify(traits)
  }

  var api = w.firstcall = { identify: identify, track: track, page: page,
    reset: function () { id = uuid(); stored(off ? '' : id) },
    push: function (call) { api[call[0]].apply(api, call.slice(1)) } }
  if (off) stored('')
  else {
    ;['pushState', 'replaceState'].forEach(function (name) {
      var plain = h[name]
      h[name] = function () { plain.apply(h, arguments); moved() }
    })
    w.addEventListener('popstate', moved)
    w.addEventListener('pagehide', leave)
    d.addEventListener('visibilitychange', function () { if (d.visibilityState == 'hidden') leave() })
    d.addEventListener('click', clicked, true)
    d.addEventListener('auxclick', clicked, true)
    d.addEventListener('submit', submitted, true)
    moved()
  }
  if (Array.isArray(early)) early.forEach(api.push)
})(window, document, navigator, history)
