#pragma once

#include <vector>

namespace kusto::test
{

/// What a request asks for.
enum class request_kind
{
    metadata,
    token, ///< of the login service, but for:
    device_code,
    device_poll,
    imds_probe,
    arc_challenge,    ///< the first request to Azure Arc
    managed_identity, ///< a token of the host
    resources,
    identity,
    table_check,
    batching_policy,
    question, ///< another command that changes nothing
    command,
    query,
    put_blob,
    put_block,
    put_block_list,
    put_message,
    insert_entity,
    write_entity,
    read_entity,
    unknown,
};

/// What becomes of a request instead of a good end.
enum class mishap
{
    not_sent,     ///< the network failed before the request was sent: outcome failed
    answer_lost,  ///< executed, and the connection broke: outcome unknown
    late,         ///< no answer before the request's deadline: outcome unknown
    stuck,        ///< no answer at all: until it is cancelled
    unauthorized, ///< 401, and the token is refused from then on
    forbidden,    ///< 403 `AuthenticationFailed`
    gone,         ///< 404 `ContainerNotFound`
    throttled,    ///< 429 with `Retry-After`
    server_error, ///< 500
    half_done,    ///< executed, then 500
    busy,         ///< 503 `ServerBusy`
    conflict,     ///< 409
    garbage,      ///< executed, 200, and a body that makes no sense
    renewing,     ///< 410: IMDS comes back soon
};

/// All but `stuck`, after which nothing goes on by itself, and `renewing`, which only IMDS knows.
extern std::vector<mishap> const all_mishaps;

[[nodiscard]] char const* to_string(mishap what) noexcept;
[[nodiscard]] char const* to_string(request_kind what) noexcept;

} // namespace kusto::test
