//! Requests as events of payload format 2.0, and what is answered to them.

use serde_json::{Map, Value, json};

/// A request that is sent.
#[derive(Clone)]
pub struct Sent {
    method: String,
    path: String,
    headers: Map<String, Value>,
    cookies: Vec<String>,
    body: Option<String>,
    base64: bool,
    function_url: bool,
}

impl Sent {
    pub fn new(method: &str, path: &str) -> Self {
        let headers = json!({
            "host": "causeway.example",
            "content-type": "application/json",
            "origin": "https://causeway.example",
        });
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: headers.as_object().unwrap().clone(),
            cookies: Vec::new(),
            body: None,
            base64: false,
            function_url: false,
        }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str, body: &Value) -> Self {
        Self::new("POST", path).body(&body.to_string())
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.into());
        self
    }

    pub fn cookies<'a>(mut self, cookies: impl IntoIterator<Item = &'a str>) -> Self {
        self.cookies = cookies.into_iter().map(str::to_owned).collect();
        self
    }

    pub fn body(mut self, body: &str) -> Self {
        self.body = Some(body.to_owned());
        self
    }

    /// The body is base64.
    pub fn base64(mut self) -> Self {
        self.base64 = true;
        self
    }

    /// By a Function URL instead of an HTTP API.
    pub fn by_function_url(mut self) -> Self {
        self.function_url = true;
        self
    }

    pub fn event(&self) -> Value {
        let domain = if self.function_url {
            "id.lambda-url.eu-central-1.on.aws"
        } else {
            "id.execute-api.eu-central-1.amazonaws.com"
        };
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let mut event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": self.headers,
            "requestContext": {
                "accountId": "1",
                "apiId": "id",
                "domainName": domain,
                "domainPrefix": "id",
                "http": {
                    "method": self.method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "198.51.100.9",
                    "userAgent": "test",
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": "$default",
                "stage": "$default",
                "time": "12/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_583_348_638_390_u64,
            },
            "isBase64Encoded": self.base64,
        });
        if !self.cookies.is_empty() {
            event["cookies"] = json!(self.cookies);
        }
        if let Some(body) = &self.body {
            event["body"] = json!(body);
        }
        event
    }
}

/// What was answered.
#[derive(Debug)]
pub struct Response(pub Value);

impl Response {
    pub fn status(&self) -> u64 {
        self.0["statusCode"].as_u64().unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.0["headers"][name].as_str().unwrap_or_default()
    }

    /// The cookies to be sent back: name and value of each.
    pub fn cookies(&self) -> Vec<&str> {
        let cookies = self.0["cookies"].as_array();
        cookies
            .into_iter()
            .flatten()
            .map(|cookie| cookie.as_str().unwrap().split(';').next().unwrap())
            .collect()
    }

    pub fn text(&self) -> &str {
        self.0["body"].as_str().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(self.text()).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The document of an answer that went well.
    pub fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status()), "{self:?}");
        self.json()
    }

    /// Status and code of a problem.
    pub fn problem(&self) -> (u64, String) {
        let code = self.json()["code"].as_str().unwrap_or_default().to_owned();
        (self.status(), code)
    }
}
