#pragma once

#include <base/guid.hpp>
#include <base/time_text.hpp>
#include <base/url.hpp>
#include <cstddef>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <string>
#include <string_view>
#include <vector>
#include <wire/http.hpp>

namespace kusto::wire
{

/// Everything of a storage request but its method and a body that the caller owns.
class storage_request
{
public:
    storage_request(base::url target, header_list headers, std::string body = {})
        : target(std::move(target)),
          headers(std::move(headers)),
          body(std::move(body))
    {
    }

    base::url target; ///< with the SAS: a secret
    header_list headers;
    std::string body; ///< empty where the caller supplies it
};

/// `{database}__{table}__{source id}.{csv|json}.gz`, reduced to characters that need no encoding
/// and to 1024 of them. The same batch always has the same name.
[[nodiscard]] std::string blob_name(std::string_view database, std::string_view table,
                                    base::guid const& source_id, data_format format);

/// Address of a blob in a container, with the container's SAS byte for byte.
[[nodiscard]] base::url blob_url(base::url const& container, std::string_view name);

/// PUT; the body is the blob.
[[nodiscard]] storage_request put_blob(base::url const& blob, std::string request_id,
                                       base::utc_time_point now);

/// Id of block `index`: base64 of a prefix common to one upload and the index in fixed width.
[[nodiscard]] std::string block_id(base::guid const& upload, std::size_t index);

/// PUT; the body is the block.
[[nodiscard]] storage_request put_block(base::url const& blob, std::string_view id,
                                        std::string request_id, base::utc_time_point now);

/// PUT; commits the blocks in the given order.
[[nodiscard]] storage_request put_block_list(base::url const& blob,
                                             std::vector<std::string> const& ids,
                                             std::string request_id, base::utc_time_point now);

/// POST of one message. Error: `errc::request_rejected` when `json` is longer than 49152 bytes,
/// which is 64 KiB in base64.
[[nodiscard]] result<storage_request> put_message(base::url const& queue, std::string_view json,
                                                  std::string request_id, base::utc_time_point now);

/// First state of a blob in the status table.
class status_entity
{
public:
    status_entity(base::guid source_id, std::string database, std::string table, base::url blob)
        : source_id(source_id),
          database(std::move(database)),
          table(std::move(table)),
          blob(std::move(blob))
    {
    }

    base::guid source_id;
    std::string database;
    std::string table;
    base::url blob; ///< written without its SAS
};

/// POST of an entity of status `Pending`. 409 `EntityAlreadyExists` after a repetition is a
/// success.
[[nodiscard]] storage_request insert_status(base::url const& status_table,
                                            status_entity const& entity, std::string request_id,
                                            base::utc_time_point now);

/// PUT that makes the entity `Pending` whatever it is, or creates it: for a batch that is posted
/// once more after the service reported a failure.
[[nodiscard]] storage_request reset_status(base::url const& status_table,
                                           status_entity const& entity, std::string request_id,
                                           base::utc_time_point now);

/// GET of a batch's entity.
[[nodiscard]] storage_request read_status(base::url const& status_table,
                                          base::guid const& source_id, std::string request_id,
                                          base::utc_time_point now);

/// What to do about a failed storage request.
enum class storage_action
{
    retry,             ///< the same request on the same resource, after a pause
    switch_account,    ///< the same bytes on another account, with a pause if it is the same one
    refresh_resources, ///< ask the service for new addresses, then once more
    restart_upload,    ///< the blocks are gone: from the first one again
    already_there,     ///< success if an earlier attempt may have arrived, else permanent
    permanent,         ///< repeating it cannot succeed
};

class storage_failure
{
public:
    storage_failure(failure why, storage_action action) : why(std::move(why)), action(action) {}

    /// `retryable()` agrees with `action`. `outcome()` is `unknown` when the service may have done
    /// the work all the same (`may_be_done`): it matters for `put_message` only.
    failure why;
    storage_action action;
};

/// Reads an error reply: `x-ms-error-code` first, then XML, JSON, or nothing but the status.
[[nodiscard]] storage_failure parse_storage_error(reply const& from);

} // namespace kusto::wire
