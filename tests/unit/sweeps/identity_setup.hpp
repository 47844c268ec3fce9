#pragma once

#include <auth/sources.hpp>
#include <memory>
#include <optional>
#include <string>
#include <support/scoped_environment.hpp>
#include <support/script_folder.hpp>
#include <support/sweep.hpp>

namespace kusto::test
{

/// How a token is obtained.
enum class way
{
    certificate,
    workload_identity,
    imds, ///< with an identity that is selected
    imds_probed,
    app_service,
    azure_arc,
    environment, ///< with a client secret
    device_code,
    chain,         ///< something else at the address of IMDS, then a client secret
    default_chain, ///< of which the workload identity is there
};

[[nodiscard]] char const* to_string(way how) noexcept;

/// A credential, and what it needs of environment, files and service. Keeps the log.
class identity_setup
{
public:
    identity_setup(world& where, way how);

    /// With the credential, and all of the log.
    [[nodiscard]] connection_options options() const;
    [[nodiscard]] std::shared_ptr<auth::token_source> make_source() const;
    /// See `scenario::survives`; nothing where this is a way like all others.
    [[nodiscard]] std::optional<bool> survives(request_kind what, mishap grief) const;
    /// \returns what is wrong with the log
    [[nodiscard]] std::string check_log() const;

private:
    void prepare();
    void prepare_certificate();
    void prepare_federation();
    [[nodiscard]] credential who() const;

    world& world_;
    way how_;
    scoped_environment environment_;
    script_folder files_;
    std::shared_ptr<std::string> log_ = std::make_shared<std::string>();
};

} // namespace kusto::test
