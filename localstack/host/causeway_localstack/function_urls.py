"""Function URLs that keep the cookies of an answer, as in AWS; LocalStack 4.14 does
not look at them.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import json

from localstack.runtime import hooks


@hooks.on_infra_start()
def keep_cookies():
    from localstack.services.lambda_ import urlrouter

    answered = urlrouter.lambda_result_to_response

    def with_cookies(result):
        response = answered(result)
        for cookie in cookies(result.payload):
            response.headers.add("set-cookie", cookie)
        return response

    urlrouter.lambda_result_to_response = with_cookies


def cookies(payload):
    try:
        answer = json.loads(payload)
    except ValueError:
        return []
    return answer.get("cookies", []) if isinstance(answer, dict) else []
