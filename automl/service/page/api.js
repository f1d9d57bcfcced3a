// The service's interface; every answer is JSON, and every error one line.

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export const path = (...parts) => "/v1/" + parts.map(encodeURIComponent).join("/");

async function answer(response) {
  const isJson = /json/.test(response.headers.get("content-type") || "");
  const text = await response.text();
  const body = isJson && text ? JSON.parse(text) : text;
  if (response.ok) return body;
  const detail = isJson && body.detail ? body.detail : `the service answers ${response.status}`;
  if (response.status === 401) window.dispatchEvent(new Event("logged-out"));
  throw new Refused(response.status, detail);
}

export async function call(method, url, body, headers) {
  const options = { method, headers: { ...headers }, credentials: "same-origin" };
  if (body instanceof Blob) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["content-type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(url, options);
  } catch {
    throw new Refused(0, "the service does not answer; is it still running?");
  }
  return answer(response);
}

export const get = (url) => call("GET", url);

// Upload a file; `progress` is told the share that has arrived.
export function upload(url, file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.responseType = "text";
    request.upload.onprogress = (event) => progress(event.loaded / Math.max(1, event.total));
    request.onload = () => {
      let body = {};
      try {
        body = JSON.parse(request.responseText);
      } catch {
        body = {};
      }
      if (request.status < 300) resolve(body);
      else reject(new Refused(request.status, body.detail || `the service answers ${request.status}`));
    };
    request.onerror = () => reject(new Refused(0, "the upload was cut off; try again"));
    request.send(file);
  });
}

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
