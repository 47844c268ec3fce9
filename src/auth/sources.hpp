#pragma once

#include <auth/token_source.hpp>
#include <memory>
#include <options/credential_data.hpp>

namespace kusto::auth
{

using source_ptr = std::unique_ptr<token_source>;

/// The source for a credential; null for `credential::none()`. Environment variables are read here.
/// \param who  validated
[[nodiscard]] source_ptr make_source(credential const& who, source_context const& with);

/// \name One for each kind of credential
/// \param name  `credential::describe()`, for messages
/// @{
[[nodiscard]] source_ptr make_client_secret_source(detail::client_secret_data const& data,
                                                   std::string name, source_context const& with);
[[nodiscard]] source_ptr make_certificate_source(detail::client_certificate_data const& data,
                                                 std::string name, source_context const& with);
[[nodiscard]] source_ptr make_workload_identity_source(detail::workload_identity_data const& data,
                                                       std::string name,
                                                       source_context const& with);
[[nodiscard]] source_ptr make_managed_identity_source(detail::managed_identity_data const& data,
                                                      std::string name, source_context const& with);
[[nodiscard]] source_ptr make_azure_cli_source(detail::azure_cli_data const& data, std::string name,
                                               source_context const& with);
[[nodiscard]] source_ptr make_device_code_source(detail::device_code_data const& data,
                                                 std::string name, source_context const& with);
[[nodiscard]] source_ptr make_static_token_source(detail::static_token_data const& data,
                                                  std::string name);
[[nodiscard]] source_ptr make_callback_source(detail::callback_data const& data,
                                              source_context const& with);
[[nodiscard]] source_ptr make_environment_source(source_context const& with);
[[nodiscard]] source_ptr make_chain_source(detail::chain_data const& data,
                                           source_context const& with);
[[nodiscard]] source_ptr make_default_chain_source(source_context const& with);
/// @}

/// A source that always fails with `why`: for what is wrong already when the client is made.
[[nodiscard]] source_ptr make_failing_source(failure why);

} // namespace kusto::auth
