#pragma once

#include <async/transport.hpp>
#include <cstddef>
#include <string>
#include <string_view>

/// Replies of the service as it writes them.
namespace kusto::test::replies
{

[[nodiscard]] async::http_response metadata();
/// Valid for an hour.
[[nodiscard]] async::http_response token(std::string_view value);
/// A container, a queue and a status table for each of the accounts `acc0`, `acc1`, ...
[[nodiscard]] async::http_response resources(std::size_t accounts);
/// A table of one text. \param text  escaped for JSON
[[nodiscard]] async::http_response one_cell(std::string_view column, std::string_view text);
/// What `kusto doctor` asks of the table `t` with the columns id and text. \param command  with
/// the JSON around it
[[nodiscard]] async::http_response question(std::string_view command, bool of_engine);
/// One row `n = 1`.
[[nodiscard]] async::http_response query_result();
/// Any success.
[[nodiscard]] async::http_response json(std::string body);
/// An error as OAuth defines it.
[[nodiscard]] async::http_response oauth_error(int status, std::string_view code,
                                               std::string_view said = "no");
/// An error of an engine, ingestion or login service.
[[nodiscard]] async::http_response error(int status, std::string_view code, bool permanent,
                                         std::string_view said = "no");
[[nodiscard]] async::http_response storage_error(int status, std::string_view code,
                                                 std::string_view said);

} // namespace kusto::test::replies
