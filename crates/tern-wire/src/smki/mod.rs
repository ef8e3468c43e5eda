//! smki
